"""The longest names, ids and numbers leave room for what stands beside them."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from promint.accounts import keys, staff
from promint.accounts.roles import Role, Scope
from promint.core import audit
from promint.core.models import Batch, Claim, ListCounter, PromoList
from promint.core.rules import ListType
from promint.dashboard.audit import words
from promint.dashboard.codes import address
from tests.e2e import accessibility
from tests.e2e.conftest import Visit
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes

CUSTOMER = "c" * 255
# What is cut off: a line of text does not end in its box.
NEVER_CUT = ".crumbs a:not(:last-child), td .name:has(code), dialog header p:not([title])"
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
# Parts of mail addresses, before and after the @, that go on in the next line.
PARTS_ON_TWO_LINES = """() => [...document.querySelectorAll("td .other")]
    .flatMap(one => [...one.childNodes].filter(part => part.nodeType === Node.TEXT_NODE))
    .filter(part => {
        const range = document.createRange();
        range.selectNodeContents(part);
        return new Set([...range.getClientRects()].map(r => r.top)).size > 1;
    }).map(part => part.data)"""


@pytest.fixture
def long() -> PromoList:
    promo_list = a_list(name="N" * 200, points=1_000_000, entry_cap=10**9, tags=["t" * 64])
    key, _ = keys.create("K" * 200, [Scope.MANAGE], ACTOR)
    batch = a_batch(promo_list, 3, name="B" * 200)
    made = shown_codes(batch)
    Batch.objects.filter(id=batch.id).update(
        created_by=f"key:{key.public_id}", quantity=101_001, created=101_001
    )
    claim(made[0], CUSTOMER)
    ListCounter.objects.filter(list=promo_list).update(codes=100_000_000, cancelled=40_000_000)
    return promo_list


def pages_about(promo_list: PromoList) -> list[str]:
    page = f"/lists/{promo_list.public_id}"
    about = [f"{page}{rest}" for rest in ("", "/codes", "/claims", "/edit", "/handouts", "/copy")]
    claimed = Claim.objects.get(list=promo_list)
    of_customer = [
        reverse(name, args=[CUSTOMER])
        for name in ("customer", "customer_claims", "claim_for_customer", "give_to_customer")
    ]
    return [
        "/",
        *about,
        *(f"{page}{rest}" for rest in ("/end", "/delete", "/print", "/generate", "/handouts/bulk")),
        *of_customer,
        reverse("reverse_claim", args=[claimed.id]),
        address.page_of(shown_codes(claimed.code.batch)[0]),
        "/customers",
        f"/customers?customer={CUSTOMER[:200]}",
        "/cancellations",
        "/audit",
    ]


def test_pages_keep_their_width_and_numbers_their_digits(visit: Visit, long: PromoList) -> None:
    page = visit(Role.ADMIN)
    wide, broken, cut = [], {}, {}
    for of_page in pages_about(long):
        page.goto(of_page)
        for width in (320, 640, 768, 1024, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if accessibility.scrolls_sideways(page):
                wide.append((of_page, width))
            broken[of_page, width] = page.evaluate(BROKEN)
            cut[of_page, width] = page.evaluate(CUT, NEVER_CUT)
    assert wide == []
    assert {of_page: found for of_page, found in broken.items() if found} == {}
    assert {of_page: found for of_page, found in cut.items() if found} == {}


def test_the_name_of_another_thing_has_two_lines_and_its_title(
    visit: Visit, long: PromoList
) -> None:
    page = visit(Role.ADMIN, viewport={"width": 1280, "height": 800})
    codes = f"/lists/{long.public_id}/codes"
    claims, customer = f"/lists/{long.public_id}/claims", reverse("customer", args=[CUSTOMER])
    for of_page in (codes, claims, customer, "/audit"):
        page.goto(of_page)
        other = page.locator("td .other").first
        expect(other).to_have_attribute("title", other.inner_text())
        assert max(page.evaluate(LINES, "td .other")) <= 2, of_page


def test_every_line_of_the_audit_log_fits_and_no_mail_address_is_broken_in_a_word(
    visit: Visit,
) -> None:
    for action in words.ACTIONS:
        audit.record(ACTOR, action, "support@promint.example", after={"reason": "Charged twice"})
    page = visit(Role.ADMIN)
    page.goto("/audit")
    for width in (720, 768, 1024, 1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert not accessibility.scrolls_sideways(page)
        expect(page.locator("td .other", has_text="support@").first).to_be_visible()
        assert page.evaluate(PARTS_ON_TWO_LINES) == []
        assert max(page.evaluate(LINES, "td.about .other")) <= (1 if width >= 1280 else 2)


def test_a_long_name_in_the_team_leaves_the_buttons_beside_others_in_one_line(
    visit: Visit,
) -> None:
    staff.invite(f"x@{'y' * 60}.example", Role.AGENT, "N" * 120, ACTOR)
    staff.invite("ana@promint.example", Role.AGENT, "Ana", ACTOR)
    page = visit(Role.ADMIN, viewport={"width": 1280, "height": 800})
    page.goto("/team")
    assert not accessibility.scrolls_sideways(page)
    buttons = page.get_by_role("row").filter(has_text="ana@promint").locator(".btn").all()
    tops = {box["y"] for one in buttons if (box := one.bounding_box())}
    assert (len(buttons), len(tops)) == (3, 1)


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
