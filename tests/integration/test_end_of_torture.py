"""The end of a torture run: what may be lost is sent again, and everything is read, by several
callers at a time."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from promint.core.claiming import find_claim
from promint.core.models import Claim, PromoList
from promint.core.rules.rules import ListType
from tests import factories
from tests.databases import free_port
from tests.servers import Server
from torture import calling
from torture.calling import Caller, Request
from torture.checker import History
from torture.final import Reader
from torture.journal import Call, Journal
from torture.plan import Shape, draw
from torture.shopkeeper import Shopkeeper
from torture.wire import Wire
from torture.world import World

CALLERS = 8
SLOWLY = 0.02  # seconds that a request needs to the server, and its answer back
CODE = "AllOfUs"


@pytest.fixture
def wire(web: Server) -> Iterator[Wire]:
    with Wire(urlsplit(web.url).port or 0) as wire:
        yield wire


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.phase = "calm"
    return journal


def a_reader(wire: Wire, journal: Journal, world: World, callers: int = CALLERS) -> Reader:
    key = factories.a_key()
    return Reader(
        [
            Caller(f"reader {n}", lambda: [wire.port], key, journal, random.Random(n))
            for n in range(callers)
        ],
        world,
    )


def most_at_a_time(calls: list[Call]) -> int:
    return max(sum(other.begin <= call.begin < other.end for other in calls) for call in calls)


def claim(customer: str) -> Request:
    body = {"code": CODE, "customer": customer}
    return Request("claim", "POST", "/claims", body, dict(body), f"key of {customer}")


def test_many_callers_read_what_one_would_read(wire: Wire, journal: Journal) -> None:
    for _ in range(4):
        codes = factories.some_codes(4, factories.a_list())
        factories.claim(codes[0], f"customer of {codes[0]}")
        factories.claim(codes[1], "everybody's customer")
    shared = factories.a_list(ListType.MULTI_USE, code=CODE)
    factories.claim(CODE, "everybody's customer")

    by_one = a_reader(wire, journal, World(), callers=1).read()
    before = len(journal.calls)
    wire.delay = SLOWLY
    by_many = a_reader(wire, journal, World()).read()

    assert by_many == by_one
    assert not by_many.problems
    assert set(by_many.lists) == {one.public_id for one in PromoList.objects.all()}
    assert len(by_many.lists[shared.public_id].claims) == 1
    assert sum(len(read.claims) for read in by_many.lists.values()) == Claim.objects.count()
    assert sum(len(read.codes) for read in by_many.lists.values()) == 16
    assert len(by_many.customers) == 5
    assert CALLERS / 2 < most_at_a_time(journal.calls[before:]) <= CALLERS


def test_what_got_no_answer_is_sent_again_once(wire: Wire, journal: Journal) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    factories.claim(CODE, "regrets it")
    world, customers = World(), [f"customer {n}" for n in range(2 * CALLERS)]
    for request in map(claim, customers):
        world.note(request)
        journal.lose(journal.begin("client", request.verb, request.sent, request.key), "reset")
    answered = claim("was answered")
    world.note(answered)
    journal.end(journal.begin("client", "claim", answered.sent, answered.key), 201, b"{}", False)
    sent = {"claim": Claim.objects.get().id, "code": "stays_used"}
    journal.lose(journal.begin("client", "reverse", sent, None), "reset")

    wire.delay = SLOWLY
    assert a_reader(wire, journal, world).settle() == len(customers) + 1
    claims = {one.customer: one.id for one in Claim.objects.all()}
    assert set(claims) == {"regrets it", *customers}
    assert find_claim(claims["regrets it"]).claim.reversed_at is not None


def test_a_connection_that_the_server_may_have_closed_is_not_used_again(
    wire: Wire, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller("one", lambda: [wire.port], factories.a_key(), journal, random.Random(1))
    assert caller.get("/lists").succeeded
    wire.cut_all()
    assert caller.get("/lists").trouble
    assert caller.get("/lists").succeeded
    wire.cut_all()
    monkeypatch.setattr(calling, "IDLE", 0.0)
    assert caller.get("/lists").succeeded


def test_a_list_whose_opening_was_never_answered_is_known_in_the_end(
    wire: Wire, journal: Journal
) -> None:
    world, run_is_over = World(), threading.Event()
    nobody = Caller("shop", lambda: [free_port()], "no key", journal, random.Random(1))
    shop = Shopkeeper(nobody, world, draw("sqlite", "any", 1, 1))
    threading.Timer(0.5, run_is_over.set).start()
    shop.open(run_is_over, Shape("shared", "multi_use", 20, points=7))
    shop.open(run_is_over, Shape("shared", "multi_use", 30, points=7))  # too late
    assert not world.lists

    reader = a_reader(wire, journal, world)
    assert reader.settle() == 1
    history = History(journal.calls, reader.read())
    assert set(history.caps) == set(history.final.lists) == {PromoList.objects.get().public_id}
