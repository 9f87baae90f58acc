"""Workers are killed or stopped in the middle of uploads, exports and mails, and others continue
exactly there."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from promint.core import exports, uploads
from promint.core.codes import batches
from promint.core.models import Batch, Code, Export, Mail, PromoList
from promint.core.rules.rules import ListType
from promint.core.storage import stored_files
from promint.core.storage.clock import database_now
from tests.bulk import ask, rejected, sheets
from tests.databases import free_port
from tests.factories import ACTOR, a_batch, a_list, a_pending_batch, let_go, shown_codes
from tests.faults.stopping import stop
from tests.mail_server import Inbox, serving
from tests.servers import Server, wait_until
from tests.soundness import assert_every_invariant_holds

ROWS = 60_000
DONE_WITHIN = 120  # seconds


def a_partners_list() -> PromoList:
    return a_list(ListType.THIRD_PARTY)


def ugly_file() -> bytes:
    """A file in which every tenth row is bad and every sixth repeats the one before."""
    rows = [f"TP{n - (n % 6 == 5):07}" if n % 10 else f"?{n}" for n in range(ROWS)]
    return "\n".join(rows).encode()


def expected_reasons() -> dict[str, int]:
    seen: set[str] = set()
    reasons: Counter[str] = Counter()
    for row in ugly_file().decode().splitlines():
        if row.startswith("?"):
            reasons["malformed"] += 1
        elif row in seen:
            reasons["duplicate_in_file"] += 1
        seen.add(row)
    return dict(reasons)


def now(batch: Batch) -> Batch:
    return batches.find(batch.public_id)


def is_whole(batch: Batch) -> None:
    batch = now(batch)
    assert batch.reasons == expected_reasons()
    assert batch.quantity == ROWS == batch.created + batch.rejected
    assert Code.objects.filter(batch=batch).count() == batch.created
    assert Counter(row["reason"] for row in rejected(batch)) == batch.reasons


@pytest.mark.parametrize("where", ["uploads.in_chunk", "uploads.after_chunk"])
def test_an_upload_goes_on_where_the_killed_worker_was(tmp_path: Path, where: str) -> None:
    batch = ask(a_partners_list(), "codes.txt", ugly_file())
    with Server.on_this_database(tmp_path) as server:
        assert server.worker(PROMINT_FAILPOINT=where).wait(60) == -signal.SIGKILL
        killed = now(batch)
        assert (killed.status, killed.quantity) == ("pending", ROWS)
        assert (killed.created > 0) == (where == "uploads.after_chunk")
        assert_every_invariant_holds()
        let_go(batch)
        server.worker()
        wait_until(lambda: now(batch).status == "active", DONE_WITHIN)
        assert_every_invariant_holds()
    is_whole(batch)


def test_an_upload_whose_reader_is_killed_is_read_again(tmp_path: Path) -> None:
    batch = ask(a_partners_list(), "codes.txt", ugly_file())
    with Server.on_this_database(tmp_path) as server:
        worker = server.worker(PROMINT_FAILPOINT="uploads.sorted")
        wait_until(lambda: now(batch).fence >= 2, 60)
        assert worker.poll() is None
        worker.kill()
        worker.wait()
        let_go(batch)
        server.worker()
        wait_until(lambda: now(batch).status == "active", DONE_WITHIN)
        assert_every_invariant_holds()
    is_whole(batch)


def test_a_file_whose_reader_always_dies_is_given_up(tmp_path: Path) -> None:
    batch = ask(a_partners_list(), "codes.txt", b"AAA1\n")
    with Server.on_this_database(tmp_path) as server:
        server.worker(PROMINT_FAILPOINT="uploads.sorted")
        wait_until(lambda: now(batch).status == "failed", 60)
        assert "memory" in (now(batch).error or "")


def test_a_killed_workers_reader_has_no_secrets_and_ends_with_it(tmp_path: Path) -> None:
    file = b"".join(b"TP%07d\xe2\x80\x8b\n" % n for n in range(200_000))  # takes a while to read
    batch = ask(a_partners_list(), "codes.txt", file)
    with Server.on_this_database(tmp_path) as server:
        worker = server.worker(PROMINT_SECRET_KEY="not for the reader of files " * 2)
        wait_until(lambda: children_of(worker.pid), 60, every=0.01)
        (reader,) = children_of(worker.pid)
        command = Path(f"/proc/{reader}/cmdline")
        wait_until(lambda: b"reading.process" in command.read_bytes(), 60, every=0.01)
        seen = Path(f"/proc/{reader}/environ").read_text()
        assert "PROMINT_DATA_DIR=" in seen
        assert "PROMINT_SECRET_KEY=" not in seen
        worker.kill()
        wait_until(lambda: not is_running(reader), 20)
        let_go(batch)
        server.worker()
        wait_until(lambda: now(batch).status == "active", DONE_WITHIN)
        assert now(batch).created == 200_000
    assert not [f for f in os.listdir(uploads.path(batch).parent) if not kept_for_others(f, batch)]


def kept_for_others(file: str, batch: Batch) -> bool:
    return not file.startswith(batch.stored_as) or file.endswith(".part")


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_that_was_stopped_and_woken_accounts_for_no_row_twice(tmp_path: Path) -> None:
    batch = ask(a_partners_list(), "codes.txt", ugly_file())
    with Server.on_this_database(tmp_path) as server:
        zombie = server.worker()
        wait_until(lambda: now(batch).created > 0, 60, every=0.005)
        stop(zombie, batch)
        let_go(batch)
        server.worker()
        wait_until(lambda: now(batch).status == "active", DONE_WITHIN)
        zombie.send_signal(signal.SIGCONT)
        zombie.terminate()
        zombie.wait(30)
        assert_every_invariant_holds()
    is_whole(batch)


def exported(export: Export) -> Export:
    return exports.find(export.public_id)


@pytest.mark.parametrize(
    "where",
    [
        "exports.in_file",
        "exports.before_rename",
        "exports.before_finish",
    ],
)
def test_an_export_whose_maker_is_killed_is_made_anew(tmp_path: Path, where: str) -> None:
    batch = a_batch(a_list(), 100)
    export = exports.request_batch(batch.public_id, "xlsx", ACTOR)
    with Server.on_this_database(tmp_path) as server:
        worker = server.worker(PROMINT_FAILPOINT=where)
        wait_until(lambda: exported(export).fence >= 2, 60)
        worker.kill()
        worker.wait()
        let_go(export)
        server.worker()
        wait_until(lambda: exported(export).status == "active", DONE_WITHIN)
        assert_every_invariant_holds()
    (sheet,) = sheets(exports.path(exported(export)))
    assert [row[0] for row in sheet[1:]] == shown_codes(batch)
    exports.purge()
    directory = stored_files.directory("exports")
    assert os.listdir(directory) == [exports.path(exported(export)).name]


def test_sheets_whose_maker_is_killed_are_drawn_anew_and_whole(tmp_path: Path) -> None:
    batch = a_batch(a_list(), 100)
    export = exports.print_batch(batch.public_id, exports.Wanted("labels_65"), ACTOR)
    with Server.on_this_database(tmp_path) as server:
        worker = server.worker(PROMINT_FAILPOINT="exports.before_rename")
        wait_until(lambda: exported(export).fence >= 2, 60)
        worker.kill()
        worker.wait()
        let_go(export)
        server.worker()
        wait_until(lambda: exported(export).status == "active", DONE_WITHIN)
    assert exported(export).rows == 100
    content = exports.path(exported(export)).read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")


def test_an_export_goes_on_when_the_worker_itself_is_killed(tmp_path: Path) -> None:
    batch = a_batch(a_list(), 120_000)
    export = exports.request_batch(batch.public_id, "xls", ACTOR)
    with Server.on_this_database(tmp_path) as server:
        worker = server.worker()
        wait_until(lambda: exported(export).rows > 0 or children_of(worker.pid), 60, every=0.01)
        makers = children_of(worker.pid)
        worker.kill()
        wait_until(lambda: not any(map(is_running, makers)), 20)
        let_go(export)
        server.worker()
        wait_until(lambda: exported(export).status == "active", DONE_WITHIN)
    found = sheets(exports.path(exported(export)))
    assert sum(len(sheet) - 1 for sheet in found) == 120_000


def test_a_stopped_worker_lets_go_of_what_it_has_under_way(tmp_path: Path) -> None:
    batch = a_batch(a_list(), 200_000)
    export = exports.request_batch(batch.public_id, "xls", ACTOR)
    with Server.on_this_database(tmp_path) as server:
        worker = server.worker()
        wait_until(lambda: children_of(worker.pid), 60, every=0.01)
        (maker,) = children_of(worker.pid)
        worker.terminate()
        assert worker.wait(20) == 0
        assert not is_running(maker)
        assert exported(export).leased_until <= database_now()


@pytest.mark.parametrize(
    ("where", "copies"), [("mails.taken", 1), ("mails.accepted", 2), ("mails.noted", 1)]
)
def test_a_mail_arrives_though_its_worker_is_killed(
    tmp_path: Path, where: str, copies: int
) -> None:
    """If the worker is killed between the server's acceptance and our note of it, the same mail
    is sent again."""
    batch = a_batch(a_list(), 1, notify=["ops@example.com"])
    inbox = Inbox()
    with Server.on_this_database(tmp_path) as server, serving(inbox) as url:
        killed = server.worker(PROMINT_FAILPOINT=where, PROMINT_EMAIL_URL=url)
        assert killed.wait(60) == -signal.SIGKILL
        let_go(Mail.objects.get())
        server.worker(PROMINT_EMAIL_URL=url)
        wait_until(lambda: Mail.objects.get().status == "sent", DONE_WITHIN)
        assert_every_invariant_holds()
    assert len(inbox.mails) == copies
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1
    assert now(batch).status == "active"


def test_mail_that_cannot_be_sent_holds_up_no_batch(tmp_path: Path) -> None:
    batch = a_pending_batch(a_list(), 10, notify=["ops@example.com", "ines@example.com"])
    port = free_port()
    inbox = Inbox()
    with Server.on_this_database(tmp_path) as server:
        server.worker(PROMINT_EMAIL_URL=f"smtp://127.0.0.1:{port}")
        wait_until(lambda: now(batch).status == "active", 60)
        wait_until(lambda: all(mail.attempts for mail in Mail.objects.all()), 60)
        with serving(inbox, port):
            wait_until(lambda: Mail.objects.filter(status="sent").count() == 2, DONE_WITHIN)
            time.sleep(1)  # time for a second copy, if there were one
    assert inbox.receivers == ["ines@example.com", "ops@example.com"]
