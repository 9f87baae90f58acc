"""How many lists are visible at once in each window, and where links from them lead."""

import re

import pytest
from playwright.sync_api import Page, expect

from promint.accounts.roles import Role
from promint.core import uploads
from promint.core.rules.rules import ListType
from promint.dashboard.batches import upload
from tests.e2e import a_company, a_service_desk, accessibility
from tests.e2e.conftest import Visit
from tests.factories import a_batch, a_list, an_offer, claim

ROWS = "main tbody tr"
ROWS_IN_VIEW = f"""() => [...document.querySelectorAll("{ROWS}")]
    .filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"""
# What is hidden for the eye, such as the file input of a drop zone, is one pixel high.
TARGETS = """() => [...document.querySelectorAll(`table a[href], .pages a, .tabs a, .crumbs a, .btn,
        summary, .brand, .facts dd a, .plain-list a, .timeline a, .linked a, .login > p a,
        .check:not(.card *), .chip button, select, textarea,
        input:not([type=hidden], .sr, .check *)`)]
    .filter(one => one.checkVisibility({visibilityProperty: true}))
    .filter(one => one.getBoundingClientRect().height > 1)
    .filter(one => one.getBoundingClientRect().height < 39.5)
    .map(one => one.outerHTML.slice(0, 160))"""

CUT_PLACEHOLDERS = """() => [...document.querySelectorAll("input[placeholder]")]
    .filter(one => one.checkVisibility())
    .filter(one => {
        const shown = getComputedStyle(one), said = getComputedStyle(one, "::placeholder");
        const pen = document.createElement("canvas").getContext("2d");
        pen.font = `${said.fontWeight} ${said.fontSize} ${said.fontFamily}`;
        const sides = parseFloat(shown.paddingLeft) + parseFloat(shown.paddingRight);
        return pen.measureText(one.placeholder).width > one.clientWidth - sides + 0.5;
    }).map(one => one.placeholder)"""


@pytest.fixture
def thirty_lists() -> None:
    offers = [an_offer("Free filter coffee").public_id]
    for number in range(30):
        capped = {"entry_cap": 250_000} if number % 3 else {}
        if number % 2:
            made = a_list(name=f"Delivery bag inserts {number}", offers=offers, **capped)
            a_batch(made, 5)
        else:
            a_list(ListType.MULTI_USE, name=f"Radio show {number}", code=f"Wake{number}", **capped)
            claim(f"wake{number}")


@pytest.mark.usefixtures("thirty_lists")
def test_a_look_at_the_lists_shows_many_of_them(visit: Visit) -> None:
    page = visit(Role.MANAGER, viewport={"width": 1024, "height": 900})
    page.goto("/")
    for width, at_least, highest in [(1280, 12, 1800), (1024, 12, 1800), (768, 8, 2000)]:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator(ROWS).count() == 25
        assert page.evaluate(ROWS_IN_VIEW) >= at_least, width
        assert page.evaluate("document.documentElement.scrollHeight") <= highest, width
        assert not accessibility.scrolls_sideways(page), width
        assert _display_of_rows(page) == "table-row", width
    page.get_by_role("link", name="Cap", exact=True).click()
    expect(page.locator("th .sorted")).to_have_count(2)  # the column's own head is hidden here
    assert "sort=-entry_cap" in page.url


def _display_of_rows(page: Page) -> str:
    display: str = page.locator(ROWS).first.evaluate("row => getComputedStyle(row).display")
    return display


@pytest.mark.usefixtures("thirty_lists")
def test_breadcrumbs_lead_back_to_the_lists_as_they_were_seen(visit: Visit) -> None:
    page = visit(Role.MANAGER)
    page.goto("/?search=radio&sort=name&status=active")
    page.get_by_role("searchbox").fill("bag")
    expect(page).to_have_url(re.compile("search=bag"))
    page.get_by_role("link", name="Delivery bag inserts 11").click()
    page.get_by_role("link", name="All codes").click()
    crumbs = page.get_by_role("navigation", name="Breadcrumb")
    expect(crumbs.get_by_role("link", name="Delivery bag inserts 11")).to_be_visible()
    crumbs.get_by_role("link", name="Promo code lists").click()
    expect(page.get_by_role("searchbox")).to_have_value("bag")
    assert "sort=name" in page.url
    assert "status=active" in page.url

    page.goto("/lists/new?type=single_use")  # the link back leads to it from any start
    page.get_by_label("Name", exact=True).fill("An early bird")
    page.get_by_label("Activation", exact=True).get_by_label("Activation", exact=True).fill(
        "2024-01-31"
    )
    page.get_by_label("Points").fill("5")
    page.get_by_label("Entry cap").fill("10")
    page.get_by_role("button", name="Create promo code list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("An early bird")
    assert page.url.endswith("#generate")
    first = page.locator("main a.btn.primary, main button.btn.primary").first
    expect(first).to_have_text("Generate codes")
    page.evaluate("sessionStorage.clear()")
    page.context.clear_cookies(name="way-back")
    page.reload()
    crumbs.get_by_role("link", name="Promo code lists").click()
    expect(page.locator(f"{ROWS}:target")).to_contain_text("An early bird")
    expect(page.get_by_role("link", name="An early bird")).to_be_in_viewport()


@pytest.mark.usefixtures("thirty_lists")
def test_without_scripts_breadcrumbs_of_deeper_pages_keep_the_search_too(visit: Visit) -> None:
    page = visit(Role.MANAGER, java_script_enabled=False)
    page.goto("/?search=bag&sort=name&status=active")
    page.get_by_role("link", name="Delivery bag inserts 11").click()
    page.get_by_role("link", name="All codes").click()
    page.get_by_role("link", name="Delivery bag inserts 11").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    crumbs = page.get_by_role("navigation", name="Breadcrumb")
    crumbs.get_by_role("link", name="Promo code lists").click()
    expect(page.get_by_role("searchbox")).to_have_value("bag")
    assert "sort=name&status=active" in page.url


def test_on_touch_what_is_pressed_is_as_high_as_a_finger_and_all_of_it_is_in_view(
    visit: Visit,
) -> None:
    company = a_company.make()
    page = visit(
        Role.MANAGER, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )
    small = {}
    for address in company.addresses:
        page.goto(address)
        small[address] = page.evaluate(TARGETS)
        for tab in page.locator("main .tabs a").all():
            box = tab.bounding_box()
            assert box is not None
            assert box["x"] >= 0, address
            assert box["x"] + box["width"] <= 320, address
        for heading in page.locator("dialog:modal header h2").all():
            expect(heading).to_be_in_viewport(ratio=1)
        for button in page.locator("dialog:modal footer .btn").all():
            expect(button).to_be_in_viewport(ratio=1)
    assert {address: found for address, found in small.items() if found} == {}


def test_what_an_empty_field_says_is_not_cut(visit: Visit) -> None:
    company = a_company.make()
    page = visit(Role.ADMIN)
    cut = {}
    for address in [*company.addresses, "/audit", "/customers", "/codes"]:
        page.goto(address)
        for width in (320, 768, 1024, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            cut[address, width] = page.evaluate(CUT_PLACEHOLDERS)
    assert {address: found for address, found in cut.items() if found} == {}


def test_on_touch_the_pages_of_agents_and_administrators_are_for_fingers_too(
    visit: Visit,
) -> None:
    phone = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
    page, stranger = visit(Role.ADMIN, **phone), visit(**phone)
    small = {}
    desk = a_service_desk.make()
    for visitor, addresses in ((page, desk.addresses), (stranger, a_service_desk.SIGNED_OUT)):
        for address in addresses:
            visitor.goto(address)
            small[address] = visitor.evaluate(TARGETS)
    assert {address: found for address, found in small.items() if found} == {}


def test_on_a_phone_the_number_of_a_row_stands_below_its_value_beside_the_result(
    visit: Visit,
) -> None:
    partner = a_list(ListType.THIRD_PARTY)
    page = visit(Role.MANAGER, viewport={"width": 320, "height": 640})
    page.goto(upload.address_of(partner, uploads.stage("codes.csv", [b"NW-1A\nNW-2B\n"])))
    row = page.get_by_role("table", name="First rows").locator("tbody tr").first
    expect(row.locator("td")).to_have_text(["1", "NW-1A", "Ready"])
    number, value, result = (cell.bounding_box() for cell in row.locator("td").all())
    assert number is not None
    assert value is not None
    assert result is not None
    assert number["x"] == value["x"]
    assert number["y"] == result["y"] > value["y"]
