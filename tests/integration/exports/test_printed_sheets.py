"""Printed sheets: rendered as pictures by poppler, their QR codes read by another library."""

import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from promint.core import codes, exports
from promint.core.codes import handouts
from promint.core.exports import Wanted, purge
from promint.core.exports.printing import valid_until
from promint.core.models import AuditEntry, Export
from promint.core.rules import ListType, Refusal, Refused, limits, sheets
from promint.core.storage import stored_files
from tests.bulk import make
from tests.factories import ACTOR, a_batch, a_list, a_pending_batch, claim, shown_codes

pytestmark = pytest.mark.same_on_both

DOTS = 150  # an inch
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None and "CI" not in os.environ,
    reason="pdftoppm is not installed (poppler-utils)",
)


def pages(export: Export, folder: Path, dots: int = DOTS) -> list[Image.Image]:
    """The pages of the PDF, as they are printed."""
    command = ["pdftoppm", "-gray", "-r", str(dots), "-png", exports.path(export), folder / "page"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert told.stderr == ""
    return [Image.open(file) for file in sorted(folder.glob("page*.png"))]


def read(page: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(page)}


@needs_poppler
@pytest.mark.parametrize(
    ("layout", "paper"),
    [(name, on) for name, one in sheets.LAYOUTS.items() for on in sheets.PAPERS if one.is_on(on)],
)
def test_every_code_is_on_a_sheet_with_a_qr_code_that_leads_to_the_shop(
    tmp_path: Path, settings: Any, layout: str, paper: str
) -> None:
    settings.CLAIM_URL = "https://shop.example/redeem?code={code}"
    a_page = sheets.LAYOUTS[layout].a_page
    batch = a_batch(a_list(code_prefix="SPR"), a_page + 1)
    wanted = Wanted(layout, paper, "Ein Kaffee für Ευαγγελία и Иван")
    export = make(exports.print_batch(batch.public_id, wanted, ACTOR))
    first, second = pages(export, tmp_path)
    across, down = sheets.PAPERS[paper]
    assert first.size == pytest.approx((across / 25.4 * DOTS, down / 25.4 * DOTS), abs=1)
    links = {f"https://shop.example/redeem?code={code}" for code in shown_codes(batch)}
    assert len(read(first)) == a_page
    assert read(first) | read(second) == links
    assert (export.rows, export.quantity) == (a_page + 1, a_page + 1)


@pytest.mark.parametrize(
    ("layout", "left", "top", "across", "down"),
    [("labels_30", 3 / 16, 1 / 2, 2.75, 1), ("labels_80", 0.3, 1 / 2, 2.05, 1 / 2)],
)
def test_labels_on_letter_stand_where_such_sheets_have_them(
    layout: str, left: float, top: float, across: float, down: float
) -> None:
    """In inches: the margins, and from one label to the next."""
    boxes = sheets.LAYOUTS[layout].boxes("Letter")
    columns = sheets.LAYOUTS[layout].columns
    first, right, below = boxes[0], boxes[1], boxes[columns]
    assert (first.x / 25.4, first.y / 25.4) == pytest.approx((left, top))
    assert ((right.x - first.x) / 25.4, (below.y - first.y) / 25.4) == pytest.approx((across, down))


def test_labels_that_are_sold_on_letter_are_refused_on_a4() -> None:
    batch = a_batch(a_list())
    on_a4 = wrong(lambda: exports.print_batch(batch.public_id, Wanted("labels_30", "A4"), ACTOR))
    assert on_a4 == {"paper": "Sheets of 30 such labels are Letter. Choose Letter."}


@needs_poppler
def test_without_an_address_of_a_shop_the_qr_code_is_the_code(tmp_path: Path) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Spring Sale")
    wanted = Wanted("labels_24", copies=3)
    (page,) = pages(make(exports.print_list(promo_list.public_id, wanted, ACTOR)), tmp_path)
    assert [found.text for found in zxingcpp.read_barcodes(page)] == ["Spring Sale"] * 3


@needs_poppler
def test_only_codes_that_somebody_can_still_get_are_printed(tmp_path: Path) -> None:
    promo_list = a_list()
    batch = a_batch(promo_list, 5)
    claimed, cancelled, *others = shown_codes(batch)
    claim(claimed)
    codes.cancel(cancelled, "lost", ACTOR)
    handed_out, _ = handouts.hand_out(promo_list.public_id, "cust-9", ACTOR)
    export = make(exports.print_list(promo_list.public_id, Wanted("page"), ACTOR))
    shown = set().union(*map(read, pages(export, tmp_path, 72)))
    assert len(shown) == 2
    assert shown == set(others) - {handed_out.shown}


@needs_poppler
def test_chosen_codes_are_printed_in_their_order_however_they_are_typed(tmp_path: Path) -> None:
    one, two, _ = shown_codes(a_batch(a_list(), 3))
    typed = [two.lower().replace("-", " "), one, two]
    export = make(exports.print_codes(typed, Wanted("page"), ACTOR))
    assert [read(page) for page in pages(export, tmp_path, 72)] == [{two}, {one}]


GROWTH = """
import sys, django
django.setup()
from promint.core.exports.printing import Sheet
from promint.core.exports.sheets import SheetTable

def most():
    with open("/proc/self/status") as status:
        return int(status.read().partition("VmHWM:")[2].split()[0])

with open(sys.argv[1], "w+b") as file:
    table = SheetTable(file, Sheet("page"))
    for pages in (400, 3600):
        table.write([(f"SPR-{n:04}-BCDF",) for n in range(pages)])
        print(most())
    table.close()
    print(most())
"""


def test_memory_does_not_grow_with_the_number_of_pages(tmp_path: Path) -> None:
    """In kilobytes. Kept in memory until the end, 3,600 pages would take 18 MB. At the end, the
    letters that were used are taken from the font."""
    told = subprocess.run(
        [sys.executable, "-c", GROWTH, tmp_path / "sheets.pdf"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "promint.settings"},
        check=True,
        capture_output=True,
        text=True,
    )
    few, many, ended = map(int, told.stdout.split())
    assert many - few < 2_000
    assert ended - many < 12_000


def wrong(request: Any) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        request()
    assert not Export.objects.exists()
    return refused.value.fields


@pytest.mark.parametrize("heading", ["שלום", "مرحبا", "春の", "नमस्ते", "สวัสดี", "☕️ coffee", "a\nb"])
def test_a_heading_that_would_not_print_right_is_refused(heading: str) -> None:
    batch = a_batch(a_list())
    print_it = lambda: exports.print_batch(batch.public_id, Wanted(heading=heading), ACTOR)  # noqa: E731
    assert wrong(print_it).keys() == {"heading"}


@pytest.mark.parametrize(
    "heading", ["", "Où est l’été ? – 5 € „Ja“", "Ёлка №1", "Καλημέρα", "Cafe\u0301", "Tiếng Việt"]
)
def test_latin_greek_and_cyrillic_headings_are_taken(heading: str) -> None:
    assert exports.print_batch(a_batch(a_list()).public_id, Wanted(heading=heading), ACTOR)


def test_what_cannot_be_printed_is_refused_with_the_field() -> None:
    promo_list, other = a_list(), a_list()
    assert wrong(lambda: exports.print_list(promo_list.public_id, Wanted(), ACTOR)).keys() == {
        "list"
    }
    one, two = shown_codes(a_batch(promo_list, 1)) + shown_codes(a_batch(other, 1))
    for typed in ([one, two], [one, "NO-SUCH-CODE"], [], ["x"] * 1001):
        fields = wrong(lambda typed=typed: exports.print_codes(typed, Wanted(), ACTOR))
        assert fields.keys() == {"codes"}
    bad = Wanted("poster", "A3", copies=0)
    fields = wrong(lambda: exports.print_list(promo_list.public_id, bad, ACTOR))
    assert fields.keys() == {"layout", "paper", "copies"}
    pending = a_pending_batch(promo_list)
    with pytest.raises(Refused) as refused:
        exports.print_batch(pending.public_id, Wanted(), ACTOR)
    assert refused.value.refusal is Refusal.BATCH_PENDING


@needs_poppler
def test_more_codes_than_a_file_holds_are_printed_in_parts_that_claims_do_not_move(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(limits, "PRINTED_CODES", 2)
    promo_list = a_list()
    shown = shown_codes(a_batch(promo_list, 3)) + shown_codes(a_batch(promo_list, 2))
    for part in (None, 0, 4):
        wanted = Wanted("page", part=part)
        fields = wrong(
            lambda wanted=wanted: exports.print_list(promo_list.public_id, wanted, ACTOR)
        )
        assert "Choose a part from 1 to 3." in fields["part"]
    claim(shown[0])
    for part, printed in ((1, shown[1:2]), (2, shown[2:4]), (3, shown[4:])):
        folder = tmp_path / str(part)
        folder.mkdir()
        asked = exports.print_list(promo_list.public_id, Wanted("page", part=part), ACTOR)
        assert [read(page) for page in pages(make(asked), folder, 72)] == [{c} for c in printed]


def test_the_last_day_is_in_the_zone_of_the_list() -> None:
    promo_list = a_list(timezone="America/New_York")
    promo_list.ends_at = datetime(2026, 12, 1, 5, tzinfo=UTC)  # midnight in New York
    assert valid_until(promo_list) == "Valid until Nov 30, 2026"
    promo_list.ends_at = datetime(2026, 12, 1, 4, 59, tzinfo=UTC)
    assert valid_until(promo_list) == "Valid until Nov 30, 2026, 23:59 EST"


def test_a_print_is_kept_downloaded_and_audited_as_an_export() -> None:
    batch = a_batch(a_list(), 2)
    export = make(exports.print_batch(batch.public_id, Wanted(heading="Hello"), ACTOR))
    with exports.download(export.public_id, ACTOR) as file:
        assert file.read().startswith(b"%PDF-")
    assert stat.S_IMODE(exports.path(export).stat().st_mode) == 0o600
    assert exports.file_name(export).endswith(".pdf")
    entries = AuditEntry.objects.filter(subject=export.public_id).order_by("created_at")
    assert [entry.action for entry in entries] == ["export.requested", "export.downloaded"]
    after = entries[0].after or {}
    assert (after["format"], after["layout"], after["heading"]) == ("pdf", "cards", "Hello")
    left = stored_files.directory("exports") / f"{export.public_id}.9.pdf.part"
    left.touch()
    purge()
    assert exports.path(export).exists()
    assert not left.exists()
