"""The lists of the demo and their codes."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from promint.core import audit, lists, uploads
from promint.core.codes import batches
from promint.core.models import Batch, Code, Offer, PromoList
from promint.core.rules import BatchStatus, ListType, NewList
from promint.core.storage import durable, joined
from promint.demo.campaigns import CAMPAIGNS, ZONE, Campaign, Run
from promint.demo.past import Past
from promint.demo.people import DEMO, MANAGER, make_offers
from promint.worker import sent_files
from promint.worker.generation import Generator

OPENS, CLOSES = 6, 22  # hours at which lists start and end
ARCHIVED = "Rainy day refund"
A_SECOND = 90_000  # codes made in a second, according to the batch log


@dataclass
class Shelf:
    """A list with the codes that nobody has claimed yet, by the time they were made."""

    campaign: Campaign
    promo_list: PromoList
    opened: datetime
    batches: list[Batch] = field(default_factory=list)
    codes: list[tuple[datetime, list[str]]] = field(default_factory=list)
    customers: set[str] = field(default_factory=set)  # who claimed; multi use

    def take(self, rng: Random, at: datetime) -> str | None:
        """A code for a customer; None if there are none left."""
        if self.promo_list.named_code is not None:
            return self.promo_list.named_code
        ready = [codes for made, codes in self.codes if made < at and codes]
        return rng.choice(ready).pop() if ready else None


def fill(past: Past, rng: Random) -> list[Shelf]:
    shelves = _open_all(past, rng)
    for shelf in shelves:
        for run in shelf.campaign.runs:
            ask = _upload if shelf.campaign.type is ListType.THIRD_PARTY else _ask
            shelf.batches.append(ask(shelf, run, rng))
    _work_off([batch for shelf in shelves for batch in shelf.batches])
    _shelve_all(shelves, past, rng)
    return shelves


@durable
def _open_all(past: Past, rng: Random) -> list[Shelf]:
    """Together, because a commit waits for the disk."""
    with joined():
        offers = make_offers(past)
        return [_open(campaign, offers, past, rng) for campaign in CAMPAIGNS]


def _open(campaign: Campaign, offers: dict[str, Offer], past: Past, rng: Random) -> Shelf:
    new = NewList(
        name=campaign.name,
        type=campaign.type,
        starts_at=past.day(campaign.starts, OPENS),
        ends_at=past.day(campaign.ends, CLOSES),
        timezone=ZONE.key,
        entry_cap=campaign.cap,
        points=campaign.points,
        offers=[offers[name].public_id for name in campaign.offers],
        tags=list(campaign.tags),
        code=campaign.code,
        code_prefix=campaign.prefix,
        handout=campaign.handout,
    )
    promo_list = lists.create(new, MANAGER)
    days_before = rng.randint(4, 7)
    opened = past.day(min(campaign.starts, 0) - days_before, rng.randint(9, 16), rng.randrange(60))
    past.move(promo_list, opened)
    return Shelf(campaign, promo_list, opened)


@durable
def _ask(shelf: Shelf, run: Run, rng: Random) -> Batch:
    """Request a batch as if the list were still open, although some have ended."""
    lists.lock_counter(shelf.promo_list.id)
    return batches.add(shelf.promo_list, MANAGER, quantity=run.codes, name=run.name, notify=[])


def _upload(shelf: Shelf, run: Run, rng: Random) -> Batch:
    stem = shelf.campaign.name.split()[0]
    file = _suppliers_file(stem.upper(), run.codes, rng).encode()
    name = f"{stem.lower()}-codes.csv"
    return uploads.request(shelf.promo_list.public_id, name, [file], run.name, [], MANAGER)


def _suppliers_file(stem: str, count: int, rng: Random) -> str:
    """A file as suppliers send it, with a few rows that are not codes, and a few codes that come
    twice."""
    numbers = [f"{number:09}" for number in rng.sample(range(10**9), count)]
    rows = [f"{stem}-{n[:3]}-{n[3:6]}-{n[6:]}" for n in numbers]
    rows += [*rng.sample(rows, 3), "n/a", f"Total: {count}"]
    return "\r\n".join(["code", *rows, ""])


def _work_off(wanted: list[Batch]) -> None:
    """Do what a worker does. A worker that runs already may help."""
    left = Batch.objects.filter(id__in=[batch.id for batch in wanted], status=BatchStatus.PENDING)
    generator, files = Generator(), sent_files.of_codes()
    while left.exists():
        if not any([generator.turn(), files.turn()]):
            time.sleep(0.02)
    files.stop()


@durable
def _shelve_all(shelves: list[Shelf], past: Past, rng: Random) -> None:
    for shelf in shelves:
        for run, batch in zip(shelf.campaign.runs, shelf.batches, strict=True):
            _shelve(shelf, run, batch, past, rng)


def _shelve(shelf: Shelf, run: Run, batch: Batch, past: Past, rng: Random) -> None:
    asked = past.day(shelf.campaign.starts + run.day, rng.randint(9, 16), rng.randrange(60))
    made = asked + timedelta(seconds=1.3 + run.codes / A_SECOND)
    past.move(batch, asked, stepped_at=made, finished_at=made)
    codes = list(Code.objects.filter(batch=batch).values_list("value", flat=True))
    rng.shuffle(codes)
    shelf.codes.append((made, codes))


def archive(past: Past, shelves: list[Shelf]) -> None:
    (old,) = (shelf.promo_list for shelf in shelves if shelf.campaign.name == ARCHIVED)
    lists.archive(old.public_id, MANAGER)
    at = past.day(-9, 15, 30)
    PromoList.objects.filter(id=old.id).update(archived_at=at)
    past.move_entries(old.public_id, at)


def leave_work(past: Past, shelves: list[Shelf]) -> None:
    """Leave a batch that failed the day before yesterday, and one that a worker will finish once
    it runs."""
    by_name = {shelf.campaign.name: shelf.promo_list for shelf in shelves}
    _fail(by_name["Night shift breakfast"], past)
    wanted = by_name["Delivery bag inserts"].public_id
    batches.request(wanted, 300_000, "Winter print", [DEMO], MANAGER)


def _fail(promo_list: PromoList, past: Past) -> None:
    batch = _failed(promo_list)
    at = past.day(-2, 14, 26)
    past.move(batch, at, stepped_at=at, finished_at=at + timedelta(seconds=1.9))
    _say_so(batch)
    past.move_entries(batch.public_id, at + timedelta(seconds=1.9))


ERROR = "The disk is full. Make room on it, then try again."


@durable
def _failed(promo_list: PromoList) -> Batch:
    """Made as failed at once, because a worker that runs already would complete it."""
    lists.lock_counter(promo_list.id)
    columns = {"status": BatchStatus.FAILED, "error": ERROR, "name": "Hospitals", "notify": []}
    return batches.add(promo_list, MANAGER, quantity=20_000, **columns)


@durable
def _say_so(batch: Batch) -> None:
    audit.record("worker", "batch.failed", batch.public_id, after={"error": ERROR})
