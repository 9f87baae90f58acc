"""Accessibility of the pages of agents and administrators: names, roles and contrast in both
themes, narrow windows, and without scripts."""

import pytest
from playwright.sync_api import expect

from promint.accounts.roles import Role
from promint.core import codes
from tests.e2e import a_service_desk, accessibility
from tests.e2e.conftest import Visit
from tests.factories import a_code


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_roles_labels_and_contrast_on_every_page(visit: Visit, theme: str) -> None:
    desk = a_service_desk.make()
    page = visit(Role.ADMIN, color_scheme=theme)
    stranger = visit(color_scheme=theme)
    found = {}
    for visitor, addresses in ((page, desk.addresses), (stranger, a_service_desk.SIGNED_OUT)):
        for address in addresses:
            visitor.goto(address)
            found[address] = accessibility.problems(visitor)
    assert {address: said for address, said in found.items() if said} == {}


@pytest.mark.parametrize("width", [320, 390, 760, 1000, 1440])
def test_no_page_scrolls_sideways(visit: Visit, width: int) -> None:
    desk = a_service_desk.make()
    page = visit(Role.ADMIN, viewport={"width": width, "height": 800})
    wide = []
    for address in desk.addresses:
        page.goto(address)
        if accessibility.scrolls_sideways(page):
            wide.append(address)
    assert wide == []


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
