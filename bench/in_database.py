"""What a benchmark does inside Django, in a process of its own (bench.inside)."""

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connection

from promint.core import exports, lists
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.codes import batches, cancellations, handouts
from promint.core.events import endpoints
from promint.core.models import Batch, Code, ListCounter, PromoList
from promint.core.rules import Event, codewords
from promint.core.rules.new_list import NewList
from promint.core.rules.rules import ListType
from promint.core.storage import jobs
from promint.core.storage.clock import database_now
from promint.worker.cancellations import Cancellations
from promint.worker.generation import Generator

MILLION = 1_000_000


def multi_use(code: str) -> int:
    """Makes a list with a cap and one code, and returns its key."""
    return _create(ListType.MULTI_USE, code=code, entry_cap=10**9).id


def single_use(quantity: int) -> list[str]:
    """Makes a list and returns its codes."""
    promo_list = _create(ListType.SINGLE_USE)
    batch = batches.request(promo_list.public_id, quantity, "", [], "bench")
    generate(batch)
    return list(Code.objects.filter(batch=batch).values_list("value", flat=True))


def to_hand_out(quantity: int) -> str:
    """Makes a list of so many codes that are handed out."""
    list_id = empty_single_use()
    generate(batches.request(list_id, quantity, "", [], "bench"))
    return list_id


def hand_out(list_id: str, threads: int, seconds: float, to: str) -> int:
    """Hands out codes in so many threads, each with a connection, and returns how many. `to`: how
    the recipients' names begin."""

    return _for_a_while(
        threads, seconds, to, lambda name: handouts.hand_out(list_id, name, "bench")
    )


def shelf(codes: int) -> None:
    """Makes a table as one would write it by hand: a code, and who has it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shelf (code text PRIMARY KEY, recipient text UNIQUE)")
        cursor.execute("CREATE INDEX ON shelf (code) WHERE recipient IS NULL")
        cursor.execute("INSERT INTO shelf SELECT 'N' || n FROM generate_series(1, %s) n", [codes])
        cursor.execute("ANALYZE shelf")


def take_from_the_shelf(threads: int, seconds: float, to: str) -> int:
    """The same as `hand_out`, by hand: one statement for each recipient."""

    def take(name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE shelf SET recipient = %s WHERE code = (SELECT code FROM shelf"
                " WHERE recipient IS NULL ORDER BY code LIMIT 1 FOR UPDATE SKIP LOCKED)",
                [name],
            )
            assert cursor.rowcount == 1

    return _for_a_while(threads, seconds, to, take)


def _for_a_while(threads: int, seconds: float, to: str, deed: Callable[[str], object]) -> int:
    """How many times all threads together did it, each time for another name."""

    def one_after_another(thread: int) -> int:
        ends, done = time.monotonic() + seconds, 0
        while time.monotonic() < ends:
            deed(f"{to}-{thread}-{done}")
            done += 1
        connection.close()
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one_after_another, range(threads)))


def cancel_all(list_id: str) -> list[float]:
    """Cancels the codes of a list in bulk and makes them available again. Returns codes per second
    of each."""
    made = cancellations.request("bench", "bench", list_id=list_id)
    chore, rates = Cancellations(), []
    for _ in range(2):
        started = time.monotonic()
        while chore.turn():
            pass
        rates.append(made.quantity / (time.monotonic() - started))
        done = cancellations.undo(made.public_id, "bench")
    assert done.freed == done.cancelled == made.quantity
    return rates


def printable(codes: int) -> str:
    """Makes a batch of so many codes that can be printed."""
    batch = batches.request(empty_single_use(), codes, "", [], "bench")
    generate(batch)
    return batch.public_id


def print_sheets(batch: str, layout: str, paper: str) -> tuple[int, int]:
    """Asks for sheets, and takes the export for the process that makes it: its key and fence."""
    wanted = exports.Wanted(layout, paper, "Ein Kaffee für Ευαγγελία")
    taken = jobs.take(exports.waiting().filter(id=exports.print_batch(batch, wanted, "bench").id))
    assert taken is not None
    return taken.id, taken.fence


def listen_to_claims(on: bool) -> None:
    """Has one endpoint of webhooks listen to claims, or not."""
    if not endpoints.existing().exists():
        endpoints.create("https://shop.example/hook", [Event.CLAIM_CREATED.value], "bench")
    endpoints.existing().update(status="active" if on else "disabled")


def empty_third_party() -> int:
    return _create(ListType.THIRD_PARTY).id


def empty_single_use() -> str:
    return _create(ListType.SINGLE_USE).public_id


def generate(batch: Batch) -> None:
    generator = Generator()
    while generator.turn():
        pass
    batch.refresh_from_db()
    assert batch.status == "active", batch.status


def _create(kind: ListType, code: str | None = None, entry_cap: int | None = None) -> PromoList:
    now = database_now()
    new = NewList(
        name=f"Bench {datetime.now(UTC):%H:%M:%S.%f}",
        type=kind,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=30),
        points=100,
        code=code,
        entry_cap=entry_cap,
    )
    return lists.create(new, "bench")


def numbered(codes: int) -> None:
    """Makes a list with the codes N1, N2, …"""
    list_id = empty_third_party()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_code (value, list_id)"
            " SELECT 'N' || n, %s FROM generate_series(1, %s) n ORDER BY 1",
            [list_id, codes],
        )
        cursor.execute("ANALYZE core_code")


def one_by_one(hot: bool, seconds: float) -> float:
    """For SQLite: claims with the same verb, one attempt at a time, on one connection."""
    if hot:
        multi_use("Singly")
    codes = itertools.repeat("Singly") if hot else iter(single_use(20_000))
    started, count = time.monotonic(), 0
    for count, code in enumerate(codes):
        claim_many([Attempt(code, f"baseline-{hot}-{count}", "bench")])
        if time.monotonic() > started + seconds:
            break
    return count / (time.monotonic() - started)


def generate_millions(millions: int) -> list[float]:
    """How many seconds each million took."""
    list_id, taken = empty_single_use(), []
    for _ in range(millions):
        batch = batches.request(list_id, MILLION, "", [], "bench")
        started = time.monotonic()
        generate(batch)
        taken.append(time.monotonic() - started)
    return taken


def bare_table() -> float:
    """How many codes in random order are inserted per second into a table with only a primary
    key."""
    codes = list(dict.fromkeys(codewords.random_codes(MILLION, 12)))
    with connection.cursor() as cursor:
        collation = ' COLLATE "C"' if connection.vendor == "postgresql" else ""
        cursor.execute(f"CREATE TABLE bare (value varchar(64){collation} PRIMARY KEY)")
        started = time.monotonic()
        if connection.vendor == "postgresql":
            with cursor.copy("COPY bare (value) FROM STDIN") as copy:
                copy.write("\n".join([*codes, ""]).encode())
        else:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany("INSERT INTO bare VALUES (%s)", ((code,) for code in codes))
            cursor.execute("COMMIT")
        taken = time.monotonic() - started
        cursor.execute("DROP TABLE bare")
    return len(codes) / taken


def ask_for_a_million() -> str:
    return batches.request(empty_single_use(), MILLION, "", [], "bench").public_id


def wait_for(batch: str) -> None:
    while batches.find(batch).status == "pending":
        time.sleep(0.05)


def many_lists(count: int) -> str:
    """Makes so many further lists, and returns the list with the most codes."""
    now = database_now()
    made = [
        PromoList(
            name=f"Bench {n}",
            search_text=f"bench {n}\nsingle use\nsingle_use",
            type=ListType.SINGLE_USE,
            starts_at=now - timedelta(days=n % 90),
            ends_at=now + timedelta(days=n % 60 - 10) + timedelta(days=100),
            points=100,
        )
        for n in range(count)
    ]
    PromoList.objects.bulk_create(made)
    ListCounter.objects.bulk_create(ListCounter(list=one, claims=one.id % 1000) for one in made)
    most = ListCounter.objects.select_related("list").order_by("-codes")[0]
    return most.list.public_id
