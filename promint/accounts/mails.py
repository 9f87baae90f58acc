"""Mails about accounts: a row for each, sent by a worker."""

from datetime import timedelta

from django.db.models import QuerySet

from promint.accounts.models import AccountMail, Staff
from promint.core.storage import database_now, durable

AGAIN_AFTER = timedelta(minutes=5)  # so that nobody can flood a mailbox


@durable
def invite(staff_id: int) -> None:
    staff = Staff.objects.get(id=staff_id)
    AccountMail.objects.create(staff=staff, address=staff.email, about="invitation")


@durable
def forgotten(email: str) -> None:
    """Nothing for an address without an account, or one that was just written to."""
    lately = AccountMail.objects.filter(created_at__gt=database_now() - AGAIN_AFTER)
    staff = Staff.objects.filter(email=email.strip().lower(), is_active=True).first()
    if staff is not None and not lately.filter(staff=staff, about="forgotten").exists():
        AccountMail.objects.create(staff=staff, address=staff.email, about="forgotten")


def waiting() -> QuerySet[AccountMail]:
    return AccountMail.objects.filter(status="pending").select_related("staff")
