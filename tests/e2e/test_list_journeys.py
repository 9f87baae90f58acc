"""What managers do, from the first click to the file on their disk."""

import csv
from pathlib import Path

import openpyxl
import pytest
import xlrd
from playwright.sync_api import Page, Route, expect

from promint.accounts.roles import Role
from promint.core import lists
from promint.core.models import Code, PromoList
from promint.core.rules import codewords
from promint.core.rules.rules import ListType
from tests.e2e import a_company
from tests.e2e.conftest import Visit
from tests.factories import PASSWORD, a_batch, a_list, a_member, an_offer, claim, shown_codes
from tests.servers import Server


@pytest.fixture
def worker(web: Server) -> None:
    web.worker()


def create(page: Page, kind: str, name: str) -> None:
    """Fill the fields of the form that every type needs."""
    page.goto("/")
    page.get_by_role("link", name="Create promo code list").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("Points").fill("100")
    page.get_by_label("Entry cap").fill("1,000")


def send(page: Page) -> None:
    page.get_by_role("button", name="Create promo code list").click()


def test_signing_in_with_a_password_and_out_again(visit: Visit) -> None:
    member = a_member(Role.VIEWER)
    page = visit()
    page.goto("/?status=active")
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Promo code lists")
    assert page.url.endswith("/?status=active")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_what_was_typed_before_the_scripts_arrived_is_answered_too(visit: Visit) -> None:
    page = visit(Role.MANAGER)
    page.goto("/")
    held: list[Route] = []
    page.route("**/htmx*.js", lambda route: held.append(route))
    with page.expect_request("**/htmx*.js"):
        page.goto("/lists/new", wait_until="commit")
    page.get_by_label("Points").fill("100")
    page.get_by_label("Entry cap").fill("1,000")
    (script,) = held
    script.continue_()
    expect(page.locator("#liability output")).to_have_text("100,000 points")


@pytest.mark.parametrize("label", ["Search by name or type", "Code type"])
def test_what_was_asked_before_the_scripts_arrived_is_answered_too(
    visit: Visit, label: str
) -> None:
    a_company.make()
    page = visit(Role.VIEWER)
    held: list[Route] = []
    page.route("**/promint.js", lambda route: held.append(route))
    with page.expect_request("**/promint.js"):
        page.goto("/", wait_until="commit")
    field = page.get_by_label(label)
    if label == "Code type":
        field.select_option("3rd party")
    else:
        field.fill("miles")
    held[0].continue_()
    expect(page.locator("td .name")).to_have_text(["Partner miles"])


def test_a_click_counts_even_if_a_long_tag_makes_the_form_higher(visit: Visit) -> None:
    page = visit(Role.MANAGER)
    page.goto("/lists/new")
    page.wait_for_load_state()
    page.get_by_label("Tags").fill("seasonal-" * 20)
    page.get_by_role("button", name="Create promo code list").click()
    expect(page.get_by_role("alert").first).to_contain_text("Give the list a name.")
    expect(page.locator(".chip-input .chip")).to_have_count(1)


def test_a_form_in_which_nothing_is_typed_asks_nothing(visit: Visit) -> None:
    page = visit(Role.MANAGER)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    page.goto("/lists/new")
    page.wait_for_load_state("networkidle")
    assert sent == []


def test_a_list_for_another_day_begins_with_that_day(visit: Visit) -> None:
    page = visit(Role.MANAGER)
    page.goto("/lists/new")
    day, time = page.locator("[name=start_date]"), page.locator("[name=start_time]")
    today, now = day.input_value(), time.input_value()
    day.fill("2099-05-01")
    expect(time).to_have_value("00:00")
    day.fill(today)
    expect(time).to_have_value(now)
    time.fill("09:30")
    day.fill("2099-05-01")
    expect(time).to_have_value("09:30")


@pytest.mark.usefixtures("worker")
def test_single_use_from_the_form_to_the_file_on_disk(visit: Visit, tmp_path: Path) -> None:
    page = visit(Role.MANAGER)
    create(page, "Single use", "Service recovery")
    expect(page.locator("#liability output")).to_have_text("100,000 points")
    page.get_by_text("Code format").click()
    page.get_by_label("Prefix").fill("srv")
    expect(page.locator("#space")).to_contain_text("SRV-7KXM-")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Service recovery")

    page.get_by_role("link", name="Generate codes").click()
    page.get_by_label("Number of codes").fill("70000")
    button = page.get_by_role("button", name="Generate 70,000 codes")
    expect(button).to_be_visible()
    page.get_by_label("Batch name").fill("Printed cards")
    button.click()
    row = page.get_by_role("row", name="Printed cards")
    expect(row).to_contain_text("Pending")
    # Without a reload, the row follows the worker, and so does the message at the top.
    expect(row.locator(".tag")).to_have_text("Active")
    expect(page.locator("#stats")).to_contain_text("70,000")
    expect(page.get_by_role("status")).to_contain_text("Printed cards is active.")
    expect(page.get_by_role("link", name="All codes")).to_be_visible()

    made = set(Code.objects.values_list("value", flat=True))
    for format in ("xls", "xlsx", "csv"):
        row.get_by_label("Export Printed cards").click()
        with page.expect_download() as coming:
            row.locator(f"button[value={format}]").click()
        file = tmp_path / f"codes.{format}"
        coming.value.save_as(file)
        assert coming.value.suggested_filename == f"Service recovery - Printed cards.{format}"
        read = read_codes(file)
        assert len(read) == 70_000
        assert {codewords.canonical(code) for code in read} == made
        page.get_by_role("link", name="Close").last.click()
        expect(page.get_by_role("dialog")).to_have_count(0)


def read_codes(file: Path) -> list[str]:
    """The codes in the first column of all sheets, without headers."""
    if file.suffix == ".csv":
        sheets = [[row[0] for row in csv.reader(file.open(newline="", encoding="utf-8-sig"))]]
    elif file.suffix == ".xls":
        sheets = [sheet.col_values(0) for sheet in xlrd.open_workbook(file).sheets()]
    else:
        book = openpyxl.load_workbook(file, read_only=True)
        sheets = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert all(sheet[0] == "Code" for sheet in sheets)
    return [code for sheet in sheets for code in sheet[1:]]


def test_multi_use_with_a_code_that_is_taken_at_first(visit: Visit, tmp_path: Path) -> None:
    a_list(ListType.MULTI_USE, code="Spring-Sale")
    page = visit(Role.MANAGER, permissions=["clipboard-read", "clipboard-write"])
    create(page, "Multi use", "Spring film")
    page.get_by_label("Code name").fill("springsale")
    expect(page.locator("#code-check")).to_have_text(
        "springsale exists already. springsale2 is free."
    )
    page.get_by_label("Tags").fill("spring, film,")
    page.get_by_label("Name of a new offer").fill("Free popcorn")
    page.get_by_label("Name of a new offer").press("Enter")
    expect(page.get_by_label("Free popcorn")).to_be_checked()
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("This code exists already.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Spring film")
    expect(page.get_by_label("Free popcorn")).to_be_checked()
    page.get_by_role("button", name="Remove tag film").click()
    page.get_by_label("Code name").fill("SpringSale2")
    send(page)

    expect(page.locator(".bigcode")).to_contain_text("SpringSale2")
    made = PromoList.objects.get(name="Spring film")
    assert made.tags == ["spring"]
    assert [offer.name for offer in made.offers.all()] == ["Free popcorn"]
    page.get_by_role("button", name="Copy code").click()
    assert page.evaluate("navigator.clipboard.readText()") == "SpringSale2"
    for kind in ("SVG", "PNG"):
        with page.expect_download() as coming:
            page.get_by_role("link", name=f"Download the QR code as {kind}").click()
        assert coming.value.suggested_filename == f"SPRINGSALE2.{kind.lower()}"


@pytest.mark.usefixtures("worker")
def test_third_party_from_the_form_to_the_rejected_rows(visit: Visit, tmp_path: Path) -> None:
    a_list(ListType.MULTI_USE, code="NW-00002")
    file = tmp_path / "partner.csv"
    rows = [f"NW-{n:05}" for n in range(500)]
    file.write_text("\n".join(["code", *rows, "NW-00001", "???"]))
    page = visit(Role.MANAGER)
    create(page, "3rd party", "Partner miles")
    send(page)
    expect(page.get_by_role("heading", name="Upload codes")).to_be_in_viewport()
    page.get_by_label("File with codes").set_input_files(file)
    expect(page.get_by_text("partner.csv")).to_be_visible()
    page.get_by_role("button", name="Check codes").click()
    expect(page.get_by_text("499 ready, 1 not usable, 1 repeated, 1 known already")).to_be_visible()
    expect(page.get_by_role("table", name="First rows")).to_contain_text("Known already")
    page.get_by_role("button", name="Load codes").click()
    row = page.get_by_role("row", name="partner.csv")
    expect(row.locator(".tag")).to_have_text("Active")
    expect(row).to_contain_text("1 not usable, 1 repeated, 1 known already")
    expect(page.locator("#stats")).to_contain_text("499")
    with page.expect_download() as coming:
        row.get_by_role("link", name="3 rows rejected").click()
    assert Path(coming.value.path()).read_text("utf-8-sig").splitlines() == [
        '"row","value","reason"',
        '"4","NW-00002","code_exists"',
        '"502","NW-00001","duplicate_in_file"',
        '"503","???","malformed"',
    ]


@pytest.mark.usefixtures("worker")
def test_handing_out_from_the_list_to_the_file_of_codes(visit: Visit, tmp_path: Path) -> None:
    promo_list = a_list(name="Birthday coffees")
    made = shown_codes(a_batch(promo_list, 2))
    file = tmp_path / "guests.csv"
    file.write_text("Name;E-mail\nAda;ada@example.com\nBo;bo@example.com\nCy;cy@example.com\n")
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{promo_list.public_id}")
    page.get_by_role("link", name="0 codes handed out").click()
    page.get_by_role("link", name="Hand out in bulk").click()
    page.get_by_label("File with recipients").set_input_files(file)
    page.get_by_role("button", name="Check recipients").click()
    expect(page.get_by_text("Column 2, under “E-mail” in row 1")).to_be_visible()
    page.get_by_role("button", name="Hand out codes").click()
    # Without a reload, the page follows the worker.
    expect(page.locator("#bulk-state")).to_contain_text("1 left without a code")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download recipients and codes").click()
    with coming.value.path().open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert [row["recipient"] for row in rows] == ["ada@example.com", "bo@example.com"]
    assert {row["code"] for row in rows} == set(made)
    page.get_by_role("link", name="All handed out").click()
    page.get_by_label("Recipient").fill("ada")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("row", name="ada@example.com")).to_contain_text("Not yet")


def test_a_file_can_be_dropped(visit: Visit) -> None:
    partner = a_list(ListType.THIRD_PARTY)
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{partner.public_id}")
    dropped = page.evaluate_handle(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["NW-1"], "dropped.txt"));
            return data;
        }"""
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    expect(page.locator(".drop")).to_contain_text("dropped.txt")
    page.get_by_role("button", name="Check codes").click()
    page.get_by_role("button", name="Load codes").click()
    expect(page.get_by_role("row", name="dropped.txt")).to_be_visible()


def test_a_file_without_a_header_is_loaded_by_keyboard_alone(visit: Visit, tmp_path: Path) -> None:
    partner = a_list(ListType.THIRD_PARTY)
    file = tmp_path / "partner.csv"
    file.write_text("Anna Berg;NW-1A\nBruno Tal;NW-2B\n")
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{partner.public_id}")
    page.get_by_label("File with codes").set_input_files(file)
    page.get_by_role("button", name="Check codes").press("Enter")
    page.get_by_role("button", name="Use column 2").press("Enter")
    expect(page.get_by_text("2 ready")).to_be_visible()
    page.get_by_role("button", name="Load codes").press("Enter")
    row = page.get_by_role("row", name="partner.csv")
    row.get_by_text("How it was read").press("Enter")
    expect(row).to_contain_text("Codes in: Column 2, from the first row on")


def test_every_column_sorts_and_sorts_back(visit: Visit) -> None:
    a_company.make()
    page = visit(Role.VIEWER)
    page.goto("/")
    for title in ("Status", "Name", "Type", "Start", "End", "Claims", "Entry cap", "Codes"):
        shown = {}
        for _ in range(2):
            head = page.get_by_role("columnheader", name=title)
            with page.expect_navigation():
                head.get_by_role("link").click()
            shown[head.get_attribute("aria-sort")] = page.locator("td .name").all_inner_texts()
        assert set(shown) == {"ascending", "descending"}
        assert shown["ascending"] != shown["descending"]
        assert sorted(shown["ascending"]) == sorted(shown["descending"])


def test_search_follows_what_is_typed_and_so_does_the_address(visit: Visit) -> None:
    a_company.make()
    page = visit(Role.VIEWER)
    page.goto("/?sort=name")
    box = page.get_by_role("searchbox")
    box.press_sequentially("spring")
    expect(page.locator("td .name")).to_have_text(["Spring film"])
    expect(page.get_by_role("navigation", name="Filter by status")).to_contain_text("All 1")
    expect(box).to_be_focused()
    page.wait_for_url("**/?search=spring&sort=name")
    page.reload()
    expect(page.locator("td .name")).to_have_text(["Spring film"])
    box.fill("zzz")
    expect(page.get_by_text("Nothing matches “zzz”")).to_be_visible()
    page.get_by_role("link", name="Clear search").click()
    expect(page.locator("td .name")).to_have_count(5)
    page.get_by_label("Code type").select_option("3rd party")
    expect(page.locator("td .name")).to_have_text(["Partner miles"])


def test_going_back_from_a_list_shows_the_search_as_it_was(visit: Visit) -> None:
    a_company.make()
    page = visit(Role.VIEWER)
    page.goto("/")
    page.get_by_role("searchbox").fill("spring")
    expect(page.locator("td .name")).to_have_text(["Spring film"])
    page.get_by_role("link", name="Spring film").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring film")
    page.go_back()
    expect(page.locator("td .name")).to_have_text(["Spring film"])
    expect(page.get_by_role("searchbox")).to_have_value("spring")


def test_a_list_is_edited_and_what_is_locked_says_why(visit: Visit) -> None:
    made = a_list(entry_cap=10, offers=[an_offer().public_id])
    claim(shown_codes(a_batch(made, 2))[0])
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{made.public_id}")
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_text("1 claim was made at this value").first).to_be_visible()
    page.get_by_label("Entry cap").fill("0")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Entry cap")
    page.get_by_label("Entry cap").fill("25")
    dearer = page.locator("#liability").get_by_text("1,500 points more than now")
    expect(dearer).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Summer")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Summer")
    expect(page.get_by_role("status")).to_contain_text("Summer is saved.")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Summer is saved.")).to_have_count(0)
    assert lists.find(made.public_id).counter.entry_cap == 25


def test_a_viewer_sees_everything_and_is_offered_nothing_to_change(visit: Visit) -> None:
    company = a_company.make()
    page = visit(Role.VIEWER)
    page.goto("/")
    expect(page.get_by_role("link", name="Create promo code list")).to_have_count(0)
    page.get_by_role("link", name="Service recovery").click()
    expect(page.locator("#batch-log")).to_contain_text("Printed cards")
    for name in ("Edit", "Generate codes"):
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    expect(page.get_by_label("Export", exact=False)).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    page.goto(f"/lists/{company.multi.public_id}")
    expect(page.get_by_text("SpringSale", exact=True)).to_be_visible()


def test_a_form_is_not_sent_twice_by_a_second_click(visit: Visit) -> None:
    made = a_list()
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{made.public_id}/generate")
    page.get_by_label("Number of codes").fill("5")
    page.get_by_role("button", name="Generate 5 codes").dblclick()
    expect(page.get_by_text("Generating 5 codes")).to_be_visible()
    assert made.batches.count() == 1
