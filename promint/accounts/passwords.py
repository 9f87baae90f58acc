"""Passwords: what makes a good one, and setting it. The only composition rule is length."""

from axes.utils import reset
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from promint.accounts import links
from promint.accounts.models import Staff
from promint.core import audit
from promint.core.rules import invalid
from promint.core.storage import durable


def weak(password: str) -> str | None:
    """What is wrong with it."""
    try:
        validate_password(password)
    except ValidationError as error:
        return " ".join(error.messages)
    return None


@durable
def change(staff_id: int, password: str, actor: str) -> Staff:
    """Ends all of the person's sessions. Raises Refused: too weak."""
    staff = Staff.objects.select_for_update().get(id=staff_id)
    _set(staff, password, actor)
    return staff


@durable
def set_by_link(token: str, password: str) -> Staff | None:
    """Opens the sign-in again for someone who tried too often with the forgotten one.

    None: the link is not valid any more. Raises Refused: too weak.
    """
    found = links.staff_of(token)
    if found is None:
        return None
    Staff.objects.select_for_update().get(id=found.id)
    staff = links.staff_of(token)  # again: now nobody else can use it meanwhile
    if staff is not None:
        _set(staff, password, staff.actor)
        reset(username=staff.email)
    return staff


def _set(staff: Staff, password: str, actor: str) -> None:
    if problem := weak(password):
        raise invalid({"password": problem})
    staff.set_password(password)
    staff.save(update_fields=["password"])
    audit.record(actor, "staff.password_set", staff.email)
