"""promint batch, upload and export, with and without a worker beside them."""

import os
import pty
import stat
import subprocess
from pathlib import Path

import pytest

from promint.core.codes import batches
from promint.core.models import AuditEntry, Batch
from promint.core.rules.rules import ListType
from tests.bulk import sheets
from tests.factories import a_batch, a_list, shown_codes
from tests.servers import PROGRAM, Server, wait_until

pytestmark = pytest.mark.same_on_both


@pytest.fixture
def promint(tmp_path: Path) -> Server:
    return Server.on_this_database(tmp_path)


def test_a_batch_is_made_while_one_waits(promint: Server) -> None:
    promo_list = a_list()
    words = ["batch", promo_list.public_id, "--quantity", "30000", "--name", "Till 1", "--wait"]
    batch = batches.find(promint.succeed(*words).strip())
    assert (batch.status, batch.created, batch.name) == ("active", 30_000, "Till 1")
    assert AuditEntry.objects.get(subject=batch.public_id).actor == "console"


def test_without_waiting_a_worker_makes_the_batch(promint: Server) -> None:
    words = ["batch", a_list().public_id, "--quantity", "3", "--notify", "ops@example.com"]
    batch = batches.find(promint.succeed(*words).strip())
    assert (batch.status, batch.notify) == ("pending", ["ops@example.com"])
    with promint:
        promint.worker()
        wait_until(lambda: batches.find(batch.public_id).status == "active", 60)


def test_progress_is_shown_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    words = ["batch", a_list().public_id, "--quantity", "100000", "--wait"]
    subprocess.run([PROGRAM, *words], env=dict(os.environ), stderr=theirs, timeout=90, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    assert "0 of 100,000" in shown
    assert "#" * 30 + "] 100,000 of 100,000" in shown


def test_a_file_is_uploaded_and_told_about(promint: Server, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code\nAAA1\nBBB1\nA!\nAAA1\n")
    promo_list = a_list(ListType.THIRD_PARTY)
    done = promint.run("upload", promo_list.public_id, str(file), "--wait")
    assert done.returncode == 0
    assert shown_codes(batches.find(done.stdout.strip())) == ["AAA1", "BBB1"]
    assert done.stderr.splitlines() == [
        "1 malformed: not a code",
        "1 repeated: the same code as in an earlier row",
    ]


@pytest.mark.parametrize("format", ["csv", "xlsx", "xls"])
def test_a_batch_and_a_list_are_exported(promint: Server, tmp_path: Path, format: str) -> None:
    promo_list = a_list()
    batch = a_batch(promo_list, 5)
    for subject in (batch, promo_list):
        output = tmp_path / f"{subject.public_id}.{format}"
        output.write_text("from before")
        words = ["export", subject.public_id, "--format", format, "--output", str(output)]
        promint.succeed(*words)
        (sheet,) = sheets(output)
        assert [row[0] for row in sheet[1:]] == shown_codes(batch)
        assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == sorted(
        f"{subject.public_id}.{format}" for subject in (batch, promo_list)
    )


def test_what_cannot_be_done_is_said_in_a_sentence(promint: Server, tmp_path: Path) -> None:
    promo_list, partners = a_list().public_id, a_list(ListType.THIRD_PARTY).public_id
    empty = tmp_path / "codes.csv"
    empty.write_text("code\n")
    wide = tmp_path / "wide.csv"
    wide.write_text("Anna Berg,NW-1\nBruno Tal,NW-2\n")
    batch = a_batch(a_list(), 1).public_id
    for words, sentence in [
        (["batch", "lst_nothing", "--quantity", "3"], "There is no such list."),
        (["batch", promo_list, "--quantity", "0"], "Use a whole number from 1 to 10,000,000."),
        (["batch", partners, "--quantity", "3"], "This is a 3rd party list"),
        (["upload", partners, __file__], "Send a file that ends in .csv"),
        (["upload", partners, str(wide)], "--column 2  NW-1, NW-2"),
        (["upload", partners, str(wide), "--column", "9"], "Please correct: column."),
        (["upload", partners, str(empty), "--wait"], "There are no codes in the file."),
        (["export", batch, "--format", "ods", "--output", "x"], "Use one of these: csv"),
        (["export", batch, "--format", "csv", "--output", "/no/x"], "cannot be written"),
        (["export", "bat_nothing", "--format", "csv", "--output", "x"], "There is no such batch."),
    ]:
        done = promint.run(*words)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
    missing = promint.run("upload", partners, str(tmp_path / "missing.csv"))
    assert missing.returncode == 2
    assert Batch.objects.filter(list__type="single_use", status="pending").count() == 0
