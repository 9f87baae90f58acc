"""Mails to managers about cancellations that wait until one of them confirms."""

from collections.abc import Iterator

from django.conf import settings

from promint.accounts.models import AccountMail, Staff
from promint.accounts.roles import Permission, Role, may
from promint.core.codes import cancellations
from promint.core.models import Cancellation
from promint.core.storage import durable, hold

ABOUT = "confirm"
_MAY_CONFIRM = [role for role in Role if may(role, Permission.MANAGE)]


def ask_managers() -> int:
    """Queue a mail about each cancellation that waits to everybody who may confirm it, once.
    Returns how many."""
    if settings.APPROVE_ABOVE is None or not cancellations.unconfirmed().exists():
        return 0
    return _ask()


@durable
def _ask() -> int:
    hold("cancellations to confirm")
    mails = [mail for waiting in cancellations.unconfirmed() for mail in _mails(waiting)]
    AccountMail.objects.bulk_create(mails)
    return len(mails)


def _mails(waiting: Cancellation) -> Iterator[AccountMail]:
    """To those who were not asked yet. Whoever requested it cannot confirm it."""
    asked = AccountMail.objects.filter(about=ABOUT, subject=waiting.public_id)
    managers = Staff.objects.filter(role__in=_MAY_CONFIRM, is_active=True)
    for one in managers.exclude(id__in=asked.values("staff")).order_by("id"):
        if one.actor != waiting.created_by:
            yield AccountMail(staff=one, address=one.email, about=ABOUT, subject=waiting.public_id)
