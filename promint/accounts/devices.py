"""Devices that someone has signed in with before: they keep an allowance of their own, so that
strangers who try a name cannot keep its owner out. Known by a signed cookie, kept in no table."""

import secrets
from datetime import timedelta

from django.core import signing

REMEMBERED = timedelta(days=180)
PEOPLE = 5  # that one device is remembered for
_SALT = "promint.accounts.devices"


def of(cookie: str, staff_id: int) -> str | None:
    """The name of this device for the person; None if the person has not signed in with it."""
    return dict(_read(cookie)).get(staff_id)


def remember(cookie: str, staff_id: int) -> str:
    """The cookie that makes the device known to the person, besides the others it is known to."""
    known = _read(cookie)
    name = dict(known).get(staff_id) or secrets.token_urlsafe(12)
    others = [pair for pair in known if pair[0] != staff_id]
    return signing.dumps([(staff_id, name), *others[: PEOPLE - 1]], salt=_SALT)


def _read(cookie: str) -> list[tuple[int, str]]:
    try:
        known = signing.loads(cookie, salt=_SALT, max_age=REMEMBERED)
    except signing.BadSignature:
        return []
    return [(staff_id, name) for staff_id, name in known]
