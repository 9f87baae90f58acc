"""The longest names, ids and numbers leave room for what stands beside them."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from promint.accounts.roles import Role
from promint.core.models import ListCounter, PromoList
from promint.core.rules import ListType
from tests.e2e import accessibility
from tests.e2e.conftest import Visit
from tests.factories import a_batch, a_list, claim, shown_codes

CUSTOMER = "c" * 255
# What is cut off: a line of text does not end in its box.
CUT = """selector => [...document.querySelectorAll(selector)]
    .filter(one => one.checkVisibility())
    .filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
    .map(one => one.textContent)"""
LINES = """selector => [...document.querySelectorAll(selector)]
    .map(one => one.clientHeight / parseFloat(getComputedStyle(one).lineHeight))
    .map(Math.round)"""
# Numbers of which three digits do not stand together.
BROKEN = """() => {
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        for (const digits of texts.currentNode.data.matchAll(/\\d+/g)) {
            const range = document.createRange();
            range.setStart(texts.currentNode, digits.index);
            range.setEnd(texts.currentNode, digits.index + digits[0].length);
            const tops = [...range.getClientRects()].filter(r => r.width > 0).map(r => r.top);
            if (new Set(tops).size > 1) found.push(texts.currentNode.data);
        }
    }
    return found;
}"""


@pytest.fixture
def long() -> PromoList:
    promo_list = a_list(name="N" * 200, points=1_000_000, entry_cap=10**9, tags=["t" * 64])
    made = shown_codes(a_batch(promo_list, 3, name="B" * 200))
    claim(made[0], CUSTOMER)
    ListCounter.objects.filter(list=promo_list).update(codes=100_000_000, cancelled=40_000_000)
    return promo_list


def pages_about(promo_list: PromoList) -> list[str]:
    page = f"/lists/{promo_list.public_id}"
    about = [f"{page}{rest}" for rest in ("", "/codes", "/claims", "/edit", "/handouts", "/copy")]
    return ["/", *about, reverse("customer", args=[CUSTOMER]), "/customers", "/cancellations"]


@pytest.mark.parametrize("width", [320, 640, 1280])
def test_pages_keep_their_width_and_numbers_their_digits(
    visit: Visit, long: PromoList, width: int
) -> None:
    page = visit(Role.MANAGER, viewport={"width": width, "height": 800})
    wide, broken, cut = [], {}, {}
    for address in pages_about(long):
        page.goto(address)
        if accessibility.scrolls_sideways(page):
            wide.append(address)
        broken[address] = page.evaluate(BROKEN)
        cut[address] = page.evaluate(CUT, ".crumbs a:not(:last-child), td .name:has(code)")
    assert wide == []
    assert {address: found for address, found in broken.items() if found} == {}
    assert {address: found for address, found in cut.items() if found} == {}


def test_the_name_of_another_thing_has_two_lines_and_its_title(
    visit: Visit, long: PromoList
) -> None:
    page = visit(Role.MANAGER, viewport={"width": 1280, "height": 800})
    codes = f"/lists/{long.public_id}/codes"
    for address in (codes, f"/lists/{long.public_id}/claims", reverse("customer", args=[CUSTOMER])):
        page.goto(address)
        other = page.locator("td .other").first
        expect(other).to_have_attribute("title", other.inner_text())
        assert max(page.evaluate(LINES, "td .other")) <= 2, address


def test_a_name_from_right_to_left_leaves_the_points_where_they_are(visit: Visit) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", points=2500)
    claim("springsale", "عميل")
    a_list(ListType.MULTI_USE, code="AutumnSale", points=2500)
    page = visit(Role.AGENT)
    page.goto(reverse("claim_for_customer", args=["عميل"]))
    page.get_by_label("Promo code").fill("AutumnSale")
    page.get_by_role("button", name="Claim code").click()
    said = page.get_by_role("status").locator("span")
    expect(said).to_contain_text("2,500 points")
    assert _left_of(page, "عميل") < _left_of(page, "2,500")


def _left_of(page: Page, text: str) -> float:
    left: float = page.evaluate(
        """text => {
            const node = document.querySelector("[role=status] .toast span").firstChild;
            const range = document.createRange();
            range.setStart(node, node.data.indexOf(text));
            range.setEnd(node, node.data.indexOf(text) + text.length);
            return range.getBoundingClientRect().left;
        }""",
        text,
    )
    return left
