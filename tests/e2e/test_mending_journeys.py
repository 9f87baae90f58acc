"""What a manager mends and looks up, by keyboard and on a phone."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from promint.accounts.roles import Role
from promint.core import lists
from promint.core.rules import ListStatus
from promint.core.storage import database_now
from tests.e2e.browsers import PHONE
from tests.e2e.conftest import Visit
from tests.factories import a_list, an_offer, claim, some_codes
from tests.servers import Server


@pytest.fixture
def worker(web: Server) -> None:
    web.worker()


def fits(page: Page) -> bool:
    """Whether the page needs no scrolling to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_list_is_ended_by_keyboard_and_the_safe_choice_has_the_focus(visit: Visit) -> None:
    promo_list = a_list(name="Autumn")
    some_codes(3, promo_list)
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{promo_list.public_id}")
    page.get_by_role("link", name="End now").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Keep it running")).to_be_focused()
    expect(page).to_have_url(re.compile("/end$"))
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="End list now")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Autumn has ended.")
    assert lists.find(promo_list.public_id).status(database_now()) is ListStatus.COMPLETED


@pytest.mark.usefixtures("worker")
def test_on_a_phone_claims_are_found_and_exported_and_an_offer_is_renamed(
    visit: Visit, tmp_path: Path
) -> None:
    offer = an_offer("Coffee")
    promo_list = a_list(name="Autumn", offers=[offer.public_id])
    for i, code in enumerate(some_codes(3, promo_list)):
        claim(code, f"customer-{i}")
    page = visit(Role.MANAGER, viewport=PHONE, has_touch=True)
    page.goto(f"/lists/{promo_list.public_id}/claims")
    assert fits(page)
    page.get_by_label("Customer", exact=True).fill("customer-1")
    page.get_by_role("button", name="Show").tap()
    rows = page.get_by_role("table", name="Claims, newest first").get_by_role("link")
    expect(rows).to_have_text(["customer-1"])
    assert "customer-1" not in page.url
    with page.expect_download() as coming:
        page.get_by_label("Export all claims").tap()
        page.locator("details[open] button[value=csv]").tap()
    coming.value.save_as(file := tmp_path / "claims.csv")
    assert len(list(csv.reader(file.open(encoding="utf-8-sig")))) == 4
    page.goto("/offers")
    page.get_by_role("link", name="Coffee").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coffee")
    assert fits(page)
    page.get_by_role("link", name="Edit").tap()
    page.get_by_label("Name").fill("Espresso")
    page.get_by_role("button", name="Save offer").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Espresso")
    page.goto("/")
    page.get_by_text("More filters").tap()
    page.get_by_label("Outcome").select_option("tags")
    expect(page.get_by_role("heading", name="No list found")).to_be_visible()
    page.get_by_label("Outcome").select_option("offers")
    expect(page.get_by_role("link", name="Autumn")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?outcome=offers$"))
    assert fits(page)


def test_back_after_an_offer_was_retired_does_not_ask_again(visit: Visit) -> None:
    offer = an_offer("Coffee")
    page = visit(Role.MANAGER)
    page.goto(f"/offers/{offer.public_id}")
    page.get_by_role("link", name="Retire").click()
    page.get_by_role("button", name="Retire offer").click()
    expect(page.get_by_role("status")).to_contain_text("Coffee is retired.")
    page.go_back()  # to the page under the dialog
    expect(page.get_by_role("button", name="Bring back")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"/offers/{offer.public_id}/retire")
    dialog = page.get_by_role("dialog", name="This offer is retired already")
    expect(dialog.get_by_role("link", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_role("status")).to_contain_text("Coffee is back.")
