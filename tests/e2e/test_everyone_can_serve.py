"""Accessibility of the pages of agents and administrators: names, roles and contrast in both
themes, narrow windows, and without scripts."""

import pytest
from playwright.sync_api import expect

from promint.accounts.roles import Role
from promint.core import codes
from tests.e2e import a_service_desk, accessibility
from tests.e2e.conftest import Visit
from tests.factories import a_code


def test_names_roles_labels_and_contrast_on_every_page(visit: Visit) -> None:
    desk = a_service_desk.make()
    page, stranger = visit(Role.ADMIN), visit()
    found = {}
    for visitor, addresses in ((page, desk.addresses), (stranger, a_service_desk.SIGNED_OUT)):
        for address in addresses:
            visitor.goto(address)
            found[address] = accessibility.problems_in_both_themes(visitor)
    assert {address: said for address, said in found.items() if said} == {}


def test_no_page_scrolls_sideways(visit: Visit) -> None:
    desk = a_service_desk.make()
    page = visit(Role.ADMIN)
    wide = {}
    for address in desk.addresses:
        page.goto(address)
        wide[address] = accessibility.widths_at_which_it_scrolls_sideways(page)
    assert {address: widths for address, widths in wide.items() if widths} == {}


def test_without_script_codes_are_found_and_cancelled_and_claimed(visit: Visit) -> None:
    lost, wanted = a_code(), a_code()
    page = visit(Role.AGENT, java_script_enabled=False)
    page.goto("/codes")
    page.get_by_role("searchbox").fill(lost.lower())
    page.get_by_role("button", name="Find code").click()
    page.get_by_role("link", name="Cancel code").click()
    page.get_by_label("Reason").fill("Lost")
    page.get_by_role("dialog").get_by_role("button", name="Cancel code").click()
    expect(page.get_by_text("The code is cancelled.")).to_be_visible()
    assert codes.find(lost).status == "cancelled"

    page.goto("/customers")
    page.get_by_role("searchbox").fill("cust/1")
    page.get_by_role("button", name="Find customer").click()
    page.get_by_role("link", name="Open cust/1 all the same").click()
    page.get_by_role("link", name="Claim a code for this customer").click()
    page.get_by_label("Promo code").fill(wanted)
    page.get_by_role("button", name="Claim code").click()
    expect(page.get_by_text("under the id “cust/1”")).to_be_visible()
    page.get_by_role("button", name="Claim code").click()
    expect(page.get_by_text("Claimed for cust/1: 100 points.")).to_be_visible()


@pytest.mark.parametrize(
    ("address", "button", "said"),
    [
        ("/codes", "Find code", "Type or paste a promo code"),
        ("/customers", "Find customer", "Type or paste a customer’s id"),
    ],
)
def test_an_empty_search_says_what_belongs_there(
    visit: Visit, address: str, button: str, said: str
) -> None:
    page = visit(Role.AGENT)
    page.goto(address)
    page.get_by_role("button", name=button).click()
    box = page.get_by_role("searchbox")
    assert box.evaluate("box => box.validationMessage") == said
    box.fill("nobody")
    assert box.evaluate("box => box.validationMessage") == ""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("nobody").first).to_be_visible()
