"""Passwords: what makes a good one, and how it is set. It must be long, and none of those that
everybody tries."""

import re

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from promint.accounts import allowances, hashing, links, sessions
from promint.accounts.allowances import Kind, Use
from promint.accounts.models import Staff
from promint.core import audit
from promint.core.rules import invalid
from promint.core.storage import durable

LOOKED_AT = 72  # characters, which are enough; more would take too long
GOOD = 3  # of 4: more than 10^8 tries by someone who knows how people choose
OWN = 8  # letters and digits at least that are not the person's name or address
GUESSED_EARLY = (
    "This is one of the passwords that are tried first. Use a few words that have nothing to do"
    " with each other, with your name or with your address."
)


def weak(password: str, *known: str) -> str | None:
    """A sentence that says what is wrong with the password; None if it is good.

    `known` is the person's name and address, which strangers know too.
    """
    try:
        validate_password(password)
    except ValidationError as error:
        return " ".join(error.messages)
    parts = [part for text in known for part in (text, *re.split(r"[\W_]+", text)) if part]
    found = zxcvbn(password[:LOOKED_AT], user_inputs=[*parts, "promint"])
    good = found["score"] >= GOOD and len(_own(password, parts)) >= OWN
    return None if good else GUESSED_EARLY


def _own(password: str, parts: list[str]) -> str:
    """The letters and digits of the password that do not come from what strangers know."""
    left = password.casefold()
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > 2:
            left = left.replace(part.casefold(), "")
    return re.sub(r"[\W_]+", "", left)


def change(staff_id: int, password: str, actor: str) -> Staff:
    """Set the password and end all of the person's sessions.

    Raises Refused if the password is too weak, and Crowded.
    """
    encoded = _hashed(password, Staff.objects.get(id=staff_id))
    return _change(staff_id, encoded, actor)


@durable
def _change(staff_id: int, encoded: str, actor: str) -> Staff:
    staff = Staff.objects.select_for_update().get(id=staff_id)
    _set(staff, encoded, actor)
    return staff


def set_by_link(token: str, password: str) -> Staff | None:
    """Opens the sign-in again for someone whose name was tried too often.

    Returns None if the link is not valid any more. Raises Refused if the password is too weak, and
    Crowded.
    """
    found = links.staff_of(token)
    return None if found is None else _set_by_link(found.id, token, _hashed(password, found))


@durable
def _set_by_link(staff_id: int, token: str, encoded: str) -> Staff | None:
    Staff.objects.select_for_update().get(id=staff_id)
    staff = links.staff_of(token)  # again: now nobody else can use it meanwhile
    if staff is not None:
        _set(staff, encoded, staff.actor)
        allowances.renew(Use(Kind.NAME, staff.email))
    return staff


def _hashed(password: str, staff: Staff) -> str:
    """Takes long, so it is done before a transaction begins. Raises Refused, or Crowded."""
    if problem := weak(password, staff.email, staff.name):
        raise invalid({"password": problem})
    with hashing.a_place():
        return make_password(password)


def _set(staff: Staff, encoded: str, actor: str) -> None:
    staff.password = encoded
    staff.save(update_fields=["password"])
    sessions.end_all(staff)
    audit.record(actor, "staff.password_set", staff.email)
