"""Uploads: good rows become codes, the others are reported, and every row is accounted for once."""

import os
import random
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from promint.core import codes, uploads
from promint.core.codes import batches
from promint.core.models import AuditEntry, Batch, Code, Mail, PromoList
from promint.core.rules import limits
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListType, Refusal, Verdict
from promint.core.storage import jobs, stored_files, vendor
from promint.core.storage.clock import database_now
from promint.core.uploads import loading
from promint.worker import sent_files
from tests import uploaded_files
from tests.bulk import ask, formulas, refused, rejected, upload, work_off
from tests.factories import ACTOR, a_batch, a_list, claim, let_go, shown_codes, third_party_codes
from tests.uploaded_files import NOT_WHAT_THEY_SAY, ODD_CELLS, THREE_CODES, UNUSABLE


def a_partners_list(**more: object) -> PromoList:
    return a_list(ListType.THIRD_PARTY, **more)  # type: ignore[arg-type]


@pytest.fixture
def directory() -> Path:
    """The directory of uploads, emptied."""
    found = stored_files.directory("uploads")
    for file in found.iterdir():
        file.unlink()
    return found


@pytest.mark.parametrize("name", THREE_CODES)
def test_well_formed_files_of_every_kind_are_read(name: str) -> None:
    promo_list = a_partners_list()
    batch = upload(promo_list, *THREE_CODES[name])
    assert (batch.status, batch.error) == ("active", None)
    assert (batch.quantity, batch.created, batch.rejected) == (3, 3, 0)
    assert sorted(shown_codes(batch)) == ["20260065", "ABC123", "DEF-456"]
    promo_list.counter.refresh_from_db()
    assert promo_list.counter.codes == 3
    assert claim("abc-123").verdict is Verdict.CLAIMED


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_odd_cells_of_a_workbook_become_codes_or_are_reported(kind: str) -> None:
    odd = [one for one in ODD_CELLS if kind == "xlsx" or not isinstance(one[0], date)]
    content = getattr(uploaded_files, kind)([["code"], *([cell] for cell, _ in odd)])
    batch = upload(a_partners_list(), f"odd.{kind}", content)
    expected = [
        {
            "row": str(n),
            "value": f"'{told[0]}" if told[0].startswith("-") else told[0],
            "reason": told[1],
        }
        for n, (_, told) in enumerate(odd, 2)
        if told is not None
    ]
    assert rejected(batch) == expected
    assert sorted(shown_codes(batch)) == ["123", "spaced out", "ＦＵＬＬ-width"]


@pytest.mark.parametrize("name", NOT_WHAT_THEY_SAY)
def test_a_file_that_is_not_what_it_says_is_refused(name: str) -> None:
    with refused(Refusal.UNSUPPORTED_FILE) as raised:
        ask(a_partners_list(), *NOT_WHAT_THEY_SAY[name])
    assert raised.value.fields == {"file": raised.value.detail}
    assert not Batch.objects.exists()


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_without_a_usable_row_fails_with_the_reason(name: str) -> None:
    *file, words = UNUSABLE[name]
    batch = upload(a_partners_list(), *file, notify=["ops@example.com"])  # type: ignore[arg-type]
    assert batch.status == "failed"
    assert words in (batch.error or "")
    assert not Code.objects.exists()
    assert Mail.objects.get().about == "failed"
    assert AuditEntry.objects.filter(subject=batch.public_id, action="batch.failed").exists()


def test_damaged_workbooks_do_no_harm() -> None:
    """Whatever happens to such a file is reported, and the worker continues."""
    promo_list = a_partners_list()
    chance = random.Random(4)
    for kind, content in (("xls", THREE_CODES["xls"][1]), ("xlsx", THREE_CODES["xlsx"][1])):
        for _ in range(6):
            broken = bytearray(content)
            for place in chance.sample(range(len(broken)), 40):
                broken[place] = chance.randrange(256)
            with suppress_unsupported():
                batch = upload(promo_list, f"broken.{kind}", bytes(broken))
                assert batch.error if batch.status == "failed" else is_accounted_for(batch)


@contextmanager
def suppress_unsupported() -> Iterator[None]:
    try:
        yield
    except Refused as raised:
        if raised.refusal is not Refusal.UNSUPPORTED_FILE:
            raise


def is_accounted_for(batch: Batch) -> bool:
    assert Code.objects.filter(batch=batch).count() == batch.created
    assert Counter(row["reason"] for row in rejected(batch)) == batch.reasons
    assert batch.created + sum(batch.reasons.values()) == batch.quantity
    return batch.rejected == sum(batch.reasons.values())


def test_bad_rows_are_reported_with_row_value_and_reason() -> None:
    third_party_codes(a_partners_list(), ["KNOWN1"])
    a_list(ListType.MULTI_USE, code="Known-2")
    content = b"code\nAAA1\nknown-1\n\nA!\naaa 1\nKNOWN2\n=1+1\nBBB1\nA_A_A_1\n"
    batch = upload(a_partners_list(), "codes.csv", content)
    assert rejected(batch) == [
        {"row": "3", "value": "known-1", "reason": "code_exists"},
        {"row": "5", "value": "A!", "reason": "malformed"},
        {"row": "6", "value": "aaa 1", "reason": "duplicate_in_file"},
        {"row": "7", "value": "KNOWN2", "reason": "code_exists"},
        {"row": "8", "value": "'=1+1", "reason": "malformed"},
        {"row": "10", "value": "A_A_A_1", "reason": "duplicate_in_file"},
    ]
    assert batch.reasons == {"code_exists": 2, "malformed": 2, "duplicate_in_file": 2}
    assert shown_codes(batch) == ["AAA1", "BBB1"]
    assert is_accounted_for(batch)


def test_no_rejected_cell_starts_a_formula_whatever_divides_cells_where_it_is_opened() -> None:
    lines = ["=1+1", "x;=1+1", "FRÜHLING26", "＝1", '"x;""=1"', "-A", "+A", "@A", "x| =1"]
    batch = upload(a_partners_list(), "codes.txt", "\n".join(["code", *lines]).encode())
    assert batch.rejected == len(lines)
    text = "".join(uploads.rejects(batch))
    assert text.startswith("\ufeff")
    assert "FRÜHLING26" in text
    assert formulas(text.removeprefix("\ufeff")) == []


def test_rejected_rows_of_several_sheets_say_which_sheet() -> None:
    book = uploaded_files.xlsx([["code"], ["A!"], ["AAA1"]], [["Codes"], ["AAA1"], ["BBB1"]])
    batch = upload(a_partners_list(), "codes.xlsx", book)
    assert rejected(batch) == [
        {"sheet": "Sheet 1", "row": "2", "value": "A!", "reason": "malformed"},
        {"sheet": "Sheet 2", "row": "2", "value": "AAA1", "reason": "duplicate_in_file"},
    ]


def test_the_same_file_again_changes_nothing_and_says_so() -> None:
    promo_list = a_partners_list()
    content = b"AAA1\nBBB-1\nAAA-1\n?\n"
    first = upload(promo_list, "codes.txt", content)
    again = upload(promo_list, "codes.txt", content)
    assert (again.status, again.quantity, again.created) == ("failed", 4, 0)
    assert "No row of the file is a code that can be added" in (again.error or "")
    assert again.reasons == {"code_exists": 3, "malformed": 1}
    assert shown_codes(first) == ["AAA1", "BBB-1"]
    promo_list.counter.refresh_from_db()
    assert promo_list.counter.codes == 2


def many_rows(rows: int) -> tuple[bytes, int]:
    """A file in which every fifth row repeats an earlier one, and how many codes it has."""
    lines = [f"TP{n if n % 5 else n // 2:07}" for n in range(rows)]
    return "\n".join(lines).encode(), len(set(lines))


def test_duplicates_are_found_across_chunks() -> None:
    content, different = many_rows(45_000)
    batch = upload(a_partners_list(), "codes.txt", content)
    assert (batch.quantity, batch.created) == (45_000, different)
    assert set(batch.reasons) == {"duplicate_in_file"}
    assert is_accounted_for(batch)


def test_two_uploads_of_the_same_codes_at_once_have_each_code_once() -> None:
    content, different = many_rows(30_000)
    asked = [ask(a_partners_list(), "codes.txt", content) for _ in range(2)]
    chores = [sent_files.of_codes(), sent_files.of_codes()]
    while Batch.objects.filter(status="pending").exists():
        for chore in chores:
            chore.turn()
    made = [batches.find(batch.public_id) for batch in asked]
    assert sum(batch.created for batch in made) == different == Code.objects.count()
    assert all(is_accounted_for(batch) for batch in made)


def test_codes_of_a_pending_upload_cannot_be_claimed() -> None:
    batch = ask(a_partners_list(), "codes.txt", many_rows(vendor().chunk * 2)[0])
    chore = sent_files.of_codes()
    while batches.find(batch.public_id).created == 0:
        chore.turn()
    taken = jobs.take(batches.waiting("upload"))
    if taken is not None:  # the batch is not complete yet
        assert claim("TP0000001").verdict is Verdict.CODE_NOT_ACTIVE
        jobs.put_back(taken)
    assert work_off(batch).status == "active"
    assert claim("TP0000001").verdict is Verdict.CLAIMED


def test_whoever_lost_the_lease_accounts_for_no_row() -> None:
    batch = ask(a_partners_list(), "codes.txt", b"AAA1\nBBB1\nCCC1\n")
    reader = jobs.take(batches.waiting("upload"))
    assert reader is not None
    uploads.was_read(reader, 3, [])
    zombie, other = taken_after_the_lease(batch), taken_after_the_lease(batch)
    rows = [uploads_row("AAA1", 1), uploads_row("BBB1", 2), uploads_row("CCC1", 3)]
    with pytest.raises(jobs.LostLease):
        loading.store(zombie, rows)
    assert not Code.objects.exists()
    assert loading.store(other, rows).status == "active"


def taken_after_the_lease(batch: Batch) -> Batch:
    let_go(batch)
    taken = jobs.take(batches.waiting("upload").select_related("list"))
    assert taken is not None
    return taken


def uploads_row(value: str, number: int) -> loading.Row:
    return loading.Row(0, number, value, value, "")


def test_a_failed_upload_can_be_tried_again_while_its_file_is_kept() -> None:
    batch = ask(a_partners_list(), "codes.txt", b"AAA1\n")
    taken = jobs.take(batches.waiting("upload"))
    assert taken is not None
    batches.fail(taken, "The disk was full.")
    uploads.purge()
    batches.retry(batch.public_id, ACTOR)
    assert work_off(batch).created == 1


def test_files_are_their_owners_alone_and_gone_when_they_are_loaded() -> None:
    batch = ask(a_partners_list(), "codes.txt", b"AAA1\n")
    file = uploads.path(batch)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    work_off(batch)
    assert not [name for name in os.listdir(file.parent) if name.startswith(batch.stored_as)]


def test_files_of_failed_uploads_are_gone_after_a_day() -> None:
    batch = upload(a_partners_list(), "codes.txt", b"code\n")
    assert batch.status == "failed"
    uploads.purge()
    assert uploads.path(batch).exists()
    past = database_now() - limits.UPLOADS_KEPT
    Batch.objects.filter(id=batch.id).update(finished_at=past)
    uploads.purge()
    assert not uploads.path(batch).exists()
    batches.retry(batch.public_id, ACTOR)
    assert "no longer kept" in (work_off(batch).error or "")


def test_a_file_whose_request_is_under_way_stays(directory: Path) -> None:
    fresh, old = directory / "fresh.csv", directory / "old.csv"
    for file in (fresh, old):
        file.write_text("AAA1\n")
    hours_ago = database_now().timestamp() - 2 * 3600
    os.utime(old, (hours_ago, hours_ago))
    uploads.purge()
    assert os.listdir(directory) == ["fresh.csv"]


def test_only_a_3rd_party_list_that_is_not_completed_takes_uploads(directory: Path) -> None:
    for promo_list, refusal in [
        (a_list(), Refusal.WRONG_LIST_TYPE),
        (a_list(ListType.MULTI_USE), Refusal.WRONG_LIST_TYPE),
        (
            a_partners_list(starts_in=timedelta(days=-2), ends_in=timedelta(days=-1)),
            Refusal.LIST_COMPLETED,
        ),
    ]:
        with refused(refusal):
            ask(promo_list, "codes.txt", b"AAA1\n")
    assert not os.listdir(directory)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "two\nlines"}, "name"),
        ({"notify": ["nobody"]}, "notify"),
        ({"file_name": "a\x00b.csv"}, "file"),
        ({"file_name": "x" * 252 + ".csv"}, "file"),
        ({"content": b""}, "file"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(more: dict[str, object], field: str) -> None:
    asked = {"file_name": "codes.csv", "content": b"AAA1\n", **more}
    with refused(Refusal.INVALID_REQUEST) as raised:
        ask(a_partners_list(), **asked)  # type: ignore[arg-type]
    assert list(raised.value.fields) == [field]


def test_the_size_is_that_of_what_came(directory: Path) -> None:
    promo_list = a_partners_list()
    piece = b"TP000001\n" * 116_509  # about 1 MiB
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += len(piece)
            yield piece

    with refused(Refusal.PAYLOAD_TOO_LARGE):
        uploads.request(promo_list.public_id, "codes.csv", pieces(), "", [], ACTOR)
    assert sent < limits.UPLOAD_BYTES + 2 * len(piece)
    assert not os.listdir(directory)


def test_a_path_in_the_files_name_leads_nowhere() -> None:
    batch = ask(a_partners_list(), "C:\\temp\\..\\codes.csv", b"AAA1\n")
    assert batch.file_name == "codes.csv"
    assert uploads.path(batch).parent == stored_files.directory("uploads")


def test_uploaded_codes_stand_beside_generated_ones() -> None:
    generated = shown_codes(a_batch(a_list(), 3))
    content = "\n".join([*generated, "PARTNER1"]).encode()
    batch = upload(a_partners_list(), "codes.txt", content)
    assert batch.reasons == {"code_exists": 3}
    assert codes.find("partner-1").shown == "PARTNER1"


def test_a_workbook_of_too_many_sheets_fails_and_says_so() -> None:
    content = uploaded_files.xlsx(
        *([["code"], ["ABC123"]] for _ in range(limits.UPLOAD_SHEETS + 1))
    )
    batch = upload(a_partners_list(), "sheets.xlsx", content)
    assert batch.status == "failed"
    assert "more than 1,000 sheets" in batch.error
