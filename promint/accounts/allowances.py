"""How often something may be tried: so many times at once, then again one by one.

A row says until when what was tried is used up. Names and addresses share 65,536 rows of each kind,
so that strangers fill no table; nobody can choose whom to share one with.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.utils.crypto import salted_hmac

from promint.accounts.models import UsedAllowance
from promint.core.storage import database_now, durable

_SALT = "promint.accounts.allowances"


@dataclass(frozen=True, slots=True)
class Rate:
    number: int  # what stands before the place in a row's key
    at_once: int  # tries
    one_in: timedelta  # and then one more each


class Kind(Enum):
    ADDRESS = Rate(0, 100, timedelta(seconds=36))  # sign-in: over all names
    NAME = Rate(1, 10, timedelta(minutes=5))  # over all addresses
    DEVICE = Rate(2, 10, timedelta(minutes=5))  # of one that has signed in as this person before
    OWN_PASSWORD = Rate(3, 10, timedelta(minutes=5))  # asked of someone signed in
    FORGOTTEN = Rate(4, 20, timedelta(minutes=3))  # mails asked for by one address
    WRITTEN_DOWN = Rate(5, 1000, timedelta(seconds=4))  # wrong passwords in the audit log, of all
    SECOND_FACTOR = Rate(6, 10, timedelta(minutes=5))  # codes of one person


@dataclass(frozen=True, slots=True)
class Use:
    """One try that counts against the allowance of a name, an address, a device or a person."""

    kind: Kind
    whose: str

    @property
    def row(self) -> int:
        digest = salted_hmac(_SALT, f"{self.kind.name}:{self.whose}", algorithm="sha256").digest()
        return self.kind.value.number << 16 | int.from_bytes(digest[:2], "big")


class UsedUp(Exception):
    """At least one allowance is used up. Nothing was written."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.seconds = max(1, math.ceil(wait.total_seconds()))


def wait_for(rate: Rate, used_until: datetime, now: datetime) -> timedelta:
    """The time until one more may be tried; zero or less means now. Pure."""
    return used_until - now - rate.one_in * (rate.at_once - 1)


def wait(uses: Iterable[Use]) -> timedelta:
    """The time until all of them are allowed once more, at least zero. Writes nothing."""
    rows = {use.row: use for use in uses}
    now, none = database_now(), timedelta()
    found = UsedAllowance.objects.filter(row__in=rows)
    return max([none, *(wait_for(rows[r.row].kind.value, r.used_until, now) for r in found)])


def use_up(uses: Iterable[Use]) -> None:
    """Use each of them once, within the caller's transaction.

    Raises UsedUp, and uses none, if one of them has to wait.
    """
    rows, now = {use.row: use.kind.value for use in uses}, database_now()
    fresh = [UsedAllowance(row=row, used_until=now) for row in sorted(rows)]
    UsedAllowance.objects.bulk_create(fresh, ignore_conflicts=True)
    found = _locked(rows)
    longest = max(wait_for(rows[r.row], r.used_until, now) for r in found)
    if longest > timedelta():
        raise UsedUp(longest)
    for r in found:
        r.used_until = max(r.used_until, now) + rows[r.row].one_in
    UsedAllowance.objects.bulk_update(found, ["used_until"])


take = durable(use_up)  # in a transaction of its own


def give_back(uses: Iterable[Use]) -> None:
    """Give one try back for each of them, within the caller's transaction."""
    rows = {use.row: use.kind.value for use in uses}
    found = _locked(rows)
    for r in found:
        r.used_until -= rows[r.row].one_in
    UsedAllowance.objects.bulk_update(found, ["used_until"])


def renew(use: Use) -> None:
    """Make the whole allowance available again, within the caller's transaction."""
    UsedAllowance.objects.filter(row=use.row).delete()


def _locked(rows: dict[int, Rate]) -> list[UsedAllowance]:
    return list(UsedAllowance.objects.select_for_update().filter(row__in=rows).order_by("row"))


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete at most `most` rows that make nobody wait and return how many were deleted."""
    gone = list(
        UsedAllowance.objects.filter(used_until__lt=now).values_list("row", flat=True)[:most]
    )
    return UsedAllowance.objects.filter(row__in=gone, used_until__lt=now).delete()[0]
