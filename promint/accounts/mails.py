"""Mails about accounts: a row for each, sent by a worker."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from promint.accounts import keys
from promint.accounts.models import AccountMail, ApiKey, Staff
from promint.accounts.roles import Role
from promint.core import events
from promint.core.claiming import callers
from promint.core.rules import Event, webhooks
from promint.core.storage import database_now, durable, hold

AGAIN_AFTER = timedelta(minutes=5)  # so that nobody can flood a mailbox
KEPT = timedelta(days=30)
WARNED_EVERY = timedelta(days=1)


@durable
def invite(staff_id: int) -> None:
    staff = Staff.objects.get(id=staff_id)
    AccountMail.objects.create(staff=staff, address=staff.email, about="invitation")


@durable
def forgotten(email: str) -> None:
    """Queue a mail with a link for someone who has forgotten the password.

    An address without an account gets a row too, which is never sent, so that the time this takes
    does not tell whether the account exists. Does nothing if the address has such a row from the
    last five minutes.
    """
    email = email.strip().lower()
    lately = AccountMail.objects.filter(created_at__gt=database_now() - AGAIN_AFTER)
    if lately.filter(address=email, about="forgotten").exists():
        return
    staff = Staff.objects.filter(email=email, is_active=True).first()
    status = "pending" if staff is not None else "sent"
    AccountMail.objects.create(staff=staff, address=email, about="forgotten", status=status)


@durable
def warn_of_guessing() -> None:
    """Queue a mail to each administrator about each API key through which somebody may be guessing
    codes, at most once a day for the same key. Webhooks are told when the first mail about a key is
    queued."""
    now = database_now()
    guessing = callers.guessing(now)
    guessed = keys.in_use(guessing.all)
    if not guessed:
        return
    hold("warnings of guessing")
    told = AccountMail.objects.filter(about="guessing", created_at__gt=now - WARNED_EVERY)
    lately = set(told.values_list("subject", "address"))
    admins = Staff.objects.filter(role=Role.ADMIN, is_active=True).order_by("id")
    new = [
        AccountMail(staff=staff, address=staff.email, about="guessing", subject=key.public_id)
        for staff in admins
        for key in guessed
        if (key.public_id, staff.email) not in lately
    ]
    AccountMail.objects.bulk_create(new)
    first = {mail.subject for mail in new} - {key_id for key_id, _ in lately}
    events.record_all(_noticed(key, guessing, now) for key in guessed if key.public_id in first)


def _noticed(key: ApiKey, guessing: callers.Guessing, now: datetime) -> events.Fact:
    data = {
        "key": key.public_id,
        "name": key.name,
        "mostly_unknown": key.public_id in guessing.mostly,
        "unusually_many": key.public_id in guessing.unusually,
    }
    return events.Fact(Event.KEY_GUESSING, webhooks.OF_KEYS, data, now)


def waiting() -> QuerySet[AccountMail]:
    return AccountMail.objects.filter(status="pending").select_related("staff")


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete at most `most` rows that are no longer needed and return how many were deleted.

    Rows of addresses without an account are kept for AGAIN_AFTER, all others for KEPT.
    """
    done = AccountMail.objects.exclude(status="pending")
    for_nobody = Q(staff=None, created_at__lt=now - AGAIN_AFTER)
    old = done.filter(for_nobody | Q(created_at__lt=now - KEPT)).values_list("id", flat=True)
    return AccountMail.objects.filter(id__in=list(old[:most])).delete()[0]
