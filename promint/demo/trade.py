"""The shops' days: customers claim, some are refused; staff cancel codes and edit lists."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random

from promint.core import codes, lists
from promint.core.claiming import Attempt, Reply, claim_many
from promint.core.models import Code
from promint.core.rules import ALPHABET, ListType, Verdict
from promint.core.storage import durable, joined
from promint.demo.past import Past
from promint.demo.people import AGENT, MANAGER
from promint.demo.stock import CLOSES, Shelf

OPENED = -56  # days from today
# The share of an ordinary day's claims on each weekday, from Monday, and in each hour.
WEEKDAYS = (0.85, 0.85, 0.9, 1.0, 1.2, 1.4, 0.8)
WEATHER = (0.87, 1.13)  # some days are better than others
HOURS = (
    *(0.1, 0, 0, 0, 0, 0.3, 1.2, 2.6, 3.4, 2.8, 1.9, 1.7),
    *(2.4, 2.2, 1.6, 1.7, 2.0, 1.8, 1.1, 0.8, 0.6, 0.5, 0.3, 0.2),
)
BUSY = 2.3  # hours above this have two moments of claims
ON_THE_PHONE = 0.08  # share of the service's codes that an agent claims for the customer
REFUSED = 0.35  # share of the moments in which somebody tries in vain
AFTER_THE_CAP = 0.03  # share of claims still tried after a cap is reached

CANCELLED = 26
REASONS = (
    "Sheet lost in the post",
    "Printed twice",
    "Handed out by mistake",
    "Customer asked for money back instead",
    "Found on the floor of the tram",
)
EDITS: tuple[tuple[int, str, dict[str, object]], ...] = (
    (-12, "Paper to porcelain", {"entry_cap": 20_000}),
    (-9, "Receipt survey", {"ends_at": 45}),  # days from today
    (-5, "Podcast sponsorship", {"name": "Podcast sponsorship, second season"}),
)
SERVICE = "Service recovery"
GUESSER = "QB-177310"
Event = tuple[datetime, Callable[[], None]]
Look = tuple[datetime, float]  # a moment, and its share of an ordinary day's claims


class Crowd:
    """Customers: a few come often, most hardly ever."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._often = [self._number() for _ in range(40)]

    def _number(self) -> str:
        return f"QB-{self._rng.randrange(100_000, 112_000)}"

    def next(self) -> str:
        if self._rng.random() < 0.08:
            return self._often[min(int(self._rng.expovariate(0.06)), len(self._often) - 1)]
        return self._number()

    def newcomer(self, known: set[str]) -> str:
        """A customer who is not in `known` yet and is added to it."""
        customer = self.next()
        while customer in known:
            customer = self._number()
        known.add(customer)
        return customer


def run(past: Past, rng: Random, shelves: list[Shelf], till: str) -> None:
    trade = _Trade(rng, shelves, till)
    events = _events(past, rng, shelves)
    for _, looks in groupby(_looks(past, rng), key=lambda look: look[0].date()):
        _day(trade, events, list(looks))
    trade.guess(past.now - timedelta(minutes=3))


@durable
def _day(trade: "_Trade", events: list[Event], looks: list[Look]) -> None:
    """A day in one transaction, because a commit waits for the disk."""
    with joined():
        for moment, share in looks:
            while events and events[0][0] < moment:
                events.pop(0)[1]()
            trade.look(moment, share)


def _looks(past: Past, rng: Random) -> Iterator[Look]:
    """Moments up to now."""
    for day in range(OPENED, 1):
        trade = WEEKDAYS[past.day(day).weekday()] * rng.uniform(*WEATHER)
        for hour, weight in enumerate(HOURS):
            looks = int(weight > 0) + int(weight > BUSY)
            for minute in sorted(rng.sample(range(60), looks)):
                moment = past.day(day, hour, minute) + timedelta(seconds=rng.uniform(0, 59))
                if moment < past.now:
                    yield moment.astimezone(UTC), trade * weight / sum(HOURS) / looks


class _Trade:
    def __init__(self, rng: Random, shelves: list[Shelf], till: str) -> None:
        self._rng = rng
        self._shelves = [shelf for shelf in shelves if shelf.campaign.a_day]
        self._till = till
        self._crowd = Crowd(rng)
        self._spent: list[str] = []
        self._capped: set[int] = set()  # lists whose cap a customer has met

    def look(self, moment: datetime, share: float) -> None:
        attempts = [
            attempt
            for shelf in self._shelves
            if shelf.promo_list.starts_at <= moment < shelf.promo_list.ends_at
            for attempt in self._wishes(shelf, moment, share)
        ]
        if self._spent and self._rng.random() < REFUSED:
            attempts.append(self._in_vain())
        if attempts:
            self._notice(claim_many(attempts, clock=lambda: moment))

    def _notice(self, replies: list[Reply]) -> None:
        for reply in replies:
            result = reply.result
            if result and result.code and result.verdict is Verdict.CAP_REACHED:
                self._capped.add(result.code.facts.id)

    def _wishes(self, shelf: Shelf, moment: datetime, share: float) -> Iterator[Attempt]:
        wishes = shelf.campaign.a_day * share
        if shelf.promo_list.id in self._capped:  # customers have heard of it
            wishes *= AFTER_THE_CAP
        for _ in range(int(wishes + self._rng.random())):
            code = shelf.take(self._rng, moment)
            if code is None:
                return
            shared = shelf.campaign.type is ListType.MULTI_USE
            customer = self._crowd.newcomer(shelf.customers) if shared else self._crowd.next()
            self._spent.append(code)
            by_agent = shelf.campaign.name == SERVICE and self._rng.random() < ON_THE_PHONE
            agent = AGENT if by_agent else None
            yield Attempt(code, customer, agent or self._till, entered_by=agent)

    def _in_vain(self) -> Attempt:
        """An attempt at a code that somebody has claimed, sometimes mistyped."""
        code = self._rng.choice(self._spent)
        if self._rng.random() < 0.4:
            code = code[:-1] + self._rng.choice(ALPHABET)
        return Attempt(code, self._crowd.next(), self._till)

    def guess(self, moment: datetime) -> None:
        """Ten invented codes. The eleventh is not even looked up."""
        made_up = ["".join(self._rng.choices(ALPHABET, k=12)) for _ in range(11)]
        claim_many([Attempt(code, GUESSER, self._till) for code in made_up], clock=lambda: moment)


def _events(past: Past, rng: Random, shelves: list[Shelf]) -> list[Event]:
    by_name = {shelf.campaign.name: shelf for shelf in shelves}
    edits = [_edit(past, by_name[name], day, changes) for day, name, changes in EDITS]
    stocked = [shelf for shelf in shelves if shelf.codes and shelf.campaign.a_day]
    cancellations = [_cancellation(past, rng, stocked) for _ in range(CANCELLED)]
    return sorted(edits + cancellations, key=lambda event: event[0])


def _edit(past: Past, shelf: Shelf, day: int, changes: dict[str, object]) -> Event:
    at = past.day(day, 11, 42)
    if isinstance(end := changes.get("ends_at"), int):
        changes = {"ends_at": past.day(end, CLOSES)}

    def edit() -> None:
        shelf.promo_list = lists.edit(shelf.promo_list.public_id, changes, MANAGER)
        past.move_entries(shelf.promo_list.public_id, at)

    return at, edit


def _cancellation(past: Past, rng: Random, shelves: list[Shelf]) -> Event:
    at = past.day(-rng.randint(1, 30), rng.randint(9, 17), rng.randrange(60))
    reason = rng.choice(REASONS)

    def cancel() -> None:
        code = rng.choice(shelves).take(rng, at)
        if code is None:
            return
        state = codes.cancel(code, reason, AGENT)
        Code.objects.filter(value=state.value).update(cancelled_at=at)
        past.move_entries(state.value, at)

    return at, cancel
