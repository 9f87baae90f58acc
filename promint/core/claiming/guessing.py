"""Customers who enter codes that do not exist: their guesses are counted, they are locked out
for a while, and staff can lift the lockout."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Q

from promint.core import audit
from promint.core.models import GuessingCustomer
from promint.core.rules import Guesses, limits
from promint.core.storage import Insert, Row, database_now, durable, moment, vendor
from promint.core.storage import ask as ask_rows

_COLUMNS = {
    "customer": "text",
    "recent": "jsonb",
    "locked_until": "timestamptz",
    "lockouts": "integer",
    "guessed_at": "timestamptz",
}
_MAKE = Insert("core_guessingcustomer", _COLUMNS, "ON CONFLICT (customer) DO NOTHING")
_WRITE = Insert(
    "core_guessingcustomer",
    _COLUMNS,
    "ON CONFLICT (customer) DO UPDATE SET recent = excluded.recent,"
    " locked_until = excluded.locked_until, lockouts = excluded.lockouts,"
    " guessed_at = excluded.guessed_at",
)
_READ = (
    "SELECT customer, recent, locked_until, lockouts FROM core_guessingcustomer"
    " WHERE customer IN {values}"
)


Asked = Callable[[], dict[str, Guesses]]  # gives the guesses that were asked for


def ask(customers: Iterable[str]) -> Asked:
    found = ask_rows(_READ, sorted(set(customers)))
    return lambda: _guesses(found())


def lock(customers: Iterable[str], now: datetime) -> Asked:
    """Lock and ask for the rows of customers whose guesses may be counted. Without the lock, two
    processes could both count the same number."""
    wanted = sorted(set(customers))
    _MAKE.many([(customer, "[]", None, 0, now) for customer in wanted])
    found = ask_rows(_READ + " ORDER BY customer" + vendor().for_update, wanted)
    return lambda: _guesses(found())


def _guesses(found: list[Row]) -> dict[str, Guesses]:
    return {
        customer: Guesses(
            tuple(json.loads(recent) if isinstance(recent, str) else recent),
            locked_until and moment(locked_until),
            lockouts,
        )
        for customer, recent, locked_until, lockouts in found
    }


def write(guesses: dict[str, Guesses], now: datetime) -> None:
    _WRITE.many(
        [
            (customer, json.dumps(g.recent), g.locked_until, g.lockouts, now)
            for customer, g in sorted(guesses.items())
        ]
    )


def locked_until(customer: str) -> datetime | None:
    """When the customer's lockout ends; None if the customer is not locked out."""
    guesses = ask([customer])().get(customer, Guesses())
    return guesses.locked_until if guesses.locked(database_now()) else None


def locked_out(most: int) -> list[GuessingCustomer]:
    """The customers who are locked out. Those whose lockout ends last come first."""
    locked = GuessingCustomer.objects.filter(locked_until__gt=database_now())
    return list(locked.order_by("-locked_until", "customer")[:most])


@durable
def lift(customer: str, actor: str) -> bool:
    """End a lockout and delete the guesses. False if the customer was not locked out."""
    now = database_now()
    guesses = lock([customer], now)()[customer]
    GuessingCustomer.objects.filter(customer=customer).delete()
    if not guesses.locked(now):
        return False
    until = guesses.locked_until
    audit.record(
        actor, "lockout.lifted", customer, before={"locked_until": until and until.isoformat()}
    )
    return True


@durable
def forget_old(now: datetime, most: int) -> int:
    """Delete at most `most` rows that change no answer any more and return how many were
    deleted."""
    past = now - limits.LOCKOUT_LONGEST - limits.LOCKOUTS_FORGOTTEN_AFTER
    never_locked = Q(
        lockouts=0, locked_until=None, guessed_at__lt=now - limits.UNKNOWN_CODES_WINDOW
    )
    old = GuessingCustomer.objects.filter(Q(guessed_at__lt=past) | never_locked)
    gone = list(old.order_by("guessed_at").values_list("customer", flat=True)[:most])
    return old.filter(customer__in=gone).delete()[0]
