"""Accessibility of every page about lists: names, roles and contrast in both themes, narrow
windows, the keyboard, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from promint.accounts.roles import Role
from promint.core.codes import batches
from promint.core.rules.rules import ListType
from tests.e2e import a_company, accessibility
from tests.e2e.browsers import PHONE
from tests.e2e.conftest import Visit
from tests.factories import a_batch, a_list, a_pending_batch, an_offer, claim, shown_codes


def test_names_roles_labels_and_contrast_on_every_page(visit: Visit) -> None:
    company = a_company.make()
    page = visit(Role.MANAGER)
    found = {}
    for address in company.addresses:
        page.goto(address)
        found[address] = accessibility.problems_in_both_themes(page)
    assert {address: said for address, said in found.items() if said} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_forms_with_errors_and_open_menus_too(visit: Visit, theme: str) -> None:
    company = a_company.make()
    page = visit(Role.MANAGER, color_scheme=theme)
    page.goto("/lists/new")
    page.get_by_role("button", name="Create promo code list").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert accessibility.problems(page) == []
    page.goto(f"/lists/{company.single.public_id}")
    page.get_by_label("Export Printed cards").click()
    assert accessibility.problems(page) == []
    stranger = visit(color_scheme=theme)
    stranger.goto("/login")
    stranger.get_by_label("E-mail").fill("nobody@example.com")
    stranger.get_by_label("Password").fill("wrong")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    assert accessibility.problems(stranger) == []


def test_no_page_scrolls_sideways(visit: Visit) -> None:
    company = a_company.make()
    page = visit(Role.MANAGER)
    wide = {}
    for address in company.addresses:
        page.goto(address)
        wide[address] = accessibility.widths_at_which_it_scrolls_sideways(page)
    assert {address: widths for address, widths in wide.items() if widths} == {}


@pytest.mark.parametrize("width", [320, 1000, 1440])
def test_the_longest_names_codes_and_numbers_fit(visit: Visit, width: int) -> None:
    offer = an_offer("O" * 200, "D" * 2000)
    made = a_list(
        ListType.MULTI_USE,
        name="N" * 200,
        code="C" * 64,
        points=1_000_000_000,
        entry_cap=10**12,
        offers=[offer.public_id],
        tags=["t" * 64],
    )
    claim("C" * 64, "c" * 255)
    single = a_list(name="S" * 200, code_length=32, code_prefix="P" * 12)
    batch = a_batch(single, 2, name="B" * 200, notify=[f"{'a' * 60}@example.com"])
    claim(shown_codes(batch)[0], "d" * 255)
    batches.fail(a_pending_batch(single, 1), "E" * 500)
    page = visit(Role.MANAGER, viewport={"width": width, "height": 800})
    wide = []
    for promo_list in (made, single):
        for rest in ("", "/edit", "/claims"):
            page.goto(f"/lists/{promo_list.public_id}{rest}")
            if accessibility.scrolls_sideways(page):
                wide.append(f"{promo_list.type}{rest}")
    for address in ("/", "/lists/new", f"/lists/{single.public_id}/generate"):
        page.goto(address)
        if accessibility.scrolls_sideways(page):
            wide.append(address)
    assert wide == []


def test_a_problem_would_be_found(visit: Visit) -> None:
    page = visit(Role.VIEWER)
    page.goto("/")
    page.evaluate(
        """() => {
            const main = document.querySelector("main");
            main.insertAdjacentHTML("beforeend",
              "<button></button><input><h4>deep</h4>");
            const faint = document.createElement("p");
            faint.textContent = "faint";
            faint.style.color = "#ccc";
            main.append(faint);
        }"""
    )
    found = " ".join(accessibility.problems(page))
    for rule in ("button-name", "label", "heading-order", "color-contrast", "inline"):
        assert rule in found, (rule, found)


def test_the_keyboard_reaches_search_menus_and_dialogs(visit: Visit) -> None:
    company = a_company.make()
    page = visit(Role.MANAGER)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.goto(f"/lists/{company.single.public_id}")
    menu = page.get_by_label("Export Printed cards")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=".csv").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=".csv").first).to_be_hidden()
    expect(menu).to_be_focused()

    opener = page.get_by_role("link", name="Generate codes")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_label("Number of codes")).to_be_focused()
    assert page.url.endswith("/generate")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    assert page.url.endswith(company.single.public_id)


def test_the_theme_changes_in_place_and_stays(visit: Visit) -> None:
    page = visit(Role.VIEWER, color_scheme="light")
    page.goto("/")
    light = _background(page)
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = _background(page)
    assert dark != light
    page.reload()
    assert _background(page) == dark


def _background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_on_a_phone_the_side_bar_opens_from_the_top(visit: Visit) -> None:
    page = visit(Role.MANAGER, viewport=PHONE, has_touch=True)
    page.goto("/")
    bar = page.get_by_role("navigation", name="Main")
    expect(bar).to_be_hidden()
    page.get_by_role("button", name="Open menu").click()
    expect(bar).to_be_visible()
    expect(bar.get_by_role("button", name="Sign out")).to_be_visible()


def test_without_script_lists_are_found_created_and_filled(visit: Visit) -> None:
    page = visit(Role.MANAGER, java_script_enabled=False)
    page.goto("/lists/new?type=single_use")
    page.get_by_label("Name", exact=True).fill("Without script")
    page.get_by_label("Points").fill("50")
    page.get_by_label("Entry cap").fill("10")
    page.get_by_label("Name of a new offer").fill("Free mug")
    page.get_by_role("button", name="Add offer").click()
    expect(page.get_by_label("Free mug")).to_be_checked()
    expect(page.locator("output:visible")).to_have_text("500 points")
    page.get_by_role("button", name="Create promo code list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Without script")

    page.get_by_role("link", name="Generate codes").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Number of codes").fill("5")
    page.get_by_role("button", name="Generate codes").click()
    expect(page.get_by_text("Generating 5 codes")).to_be_visible()

    page.goto("/")
    page.get_by_role("searchbox").fill("script")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Without script")).to_be_visible()
    page.get_by_role("link", name="Claims").click()
    assert "sort=-claim_count" in page.url
    assert "search=script" in page.url
