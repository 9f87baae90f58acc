"""What agents do: find a code and see what happened to it, cancel it, help a customer."""

import re

from playwright.sync_api import Page, expect

from promint.accounts.roles import Role
from promint.core import codes, customers
from promint.core.claiming import guessing
from promint.core.rules.codewords import ALPHABET, canonical
from promint.core.rules.rules import ListType
from tests.e2e.conftest import Visit
from tests.factories import a_code, a_list, an_offer, claim, some_codes


def find(page: Page, typed: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Administer codes").first.click()
    page.get_by_role("searchbox").fill(typed)
    page.get_by_role("button", name="Find code").click()
    expect(page.get_by_role("region", name="Result")).to_be_visible()


def find_customer(page: Page, customer: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Customers").click()
    page.get_by_role("searchbox").fill(customer)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=f"Open {customer} all the same").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(customer)


def no_code_in_the_address(page: Page, code: str) -> None:
    assert (canonical(code) or code) not in re.sub("[^A-Z0-9]", "", page.url.upper())


def test_a_lost_code_is_found_however_it_is_typed_and_cancelled(visit: Visit) -> None:
    code = a_code()
    page = visit(Role.AGENT)
    find(page, code.lower().replace("-", " "))
    expect(page.locator(".bigcode")).to_contain_text(code)
    no_code_in_the_address(page, code)
    opener = page.get_by_role("link", name="Cancel code")
    opener.click()
    dialog = page.get_by_role("dialog", name="Cancel this code?")
    expect(dialog.get_by_role("link", name="Keep code")).to_be_focused()
    assert page.url.endswith("/cancel")
    no_code_in_the_address(page, code)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert codes.find(code).status == "available"

    opener.click()
    dialog.get_by_label("Reason").fill("Lost in the post")
    dialog.get_by_role("button", name="Cancel code").click()
    expect(page.get_by_role("status")).to_contain_text("The code is cancelled.")
    expect(page.locator(".timeline")).to_contain_text("Lost in the post")
    expect(opener).to_have_count(0)
    assert codes.find(code).status == "cancelled"
    page.reload()
    expect(page.locator(".bigcode")).to_contain_text("Cancelled")


def test_the_answer_stays_when_one_goes_on_to_the_list_and_back(visit: Visit) -> None:
    code = a_code()
    page = visit(Role.AGENT)
    find(page, code)
    page.get_by_role("link", name="Spring").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring")
    page.go_back()
    expect(page.locator(".bigcode")).to_contain_text(code)


def test_a_multi_use_code_leads_to_its_list(visit: Visit) -> None:
    a_list(ListType.MULTI_USE, name="Spring film", code="SpringSale", entry_cap=40)
    page = visit(Role.AGENT)
    find(page, "spring-sale")
    expect(page.get_by_role("link", name="Cancel code")).to_have_count(0)
    page.get_by_role("link", name="Open promo code details").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring film")


def test_a_claimed_code_tells_its_life_and_leads_to_its_customer(visit: Visit) -> None:
    code = a_code()
    claim(code, "cust/42")
    claim(code, "cust-66")
    page = visit(Role.AGENT)
    find(page, code)
    steps = page.locator(".timeline li")
    expect(steps).to_have_count(3)
    expect(steps.first).to_contain_text("Refused for cust-66")
    page.locator(".facts").get_by_role("link", name="cust/42").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("cust/42")
    page.get_by_role("link", name=code).click()
    expect(page.locator(".bigcode")).to_contain_text(code)


def test_a_mistyped_code_is_distinguished_from_an_invented_one(visit: Visit) -> None:
    code = a_code()
    slip = code[:-1] + next(symbol for symbol in ALPHABET if symbol != code[-1])
    page = visit(Role.AGENT)
    find(page, slip)
    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text(f"No such code: {slip}")
    expect(result).to_contain_text("probably mistyped")
    expect(page.get_by_role("searchbox")).to_have_value(slip)


def test_an_agent_claims_for_a_customer_on_the_phone(visit: Visit, complaints: list[str]) -> None:
    offer = an_offer("Free coffee")
    used, fresh = some_codes(2, a_list(offers=[offer.public_id], tags=["vip"]))
    claim(used, "cust-2")
    page = visit(Role.AGENT)
    page.goto("/")
    find_customer(page, "cust/1")
    page.get_by_role("link", name="Claim a code for this customer").click()
    dialog = page.get_by_role("dialog", name="Claim a code")
    expect(dialog.get_by_label("Promo code")).to_be_focused()
    dialog.get_by_label("Promo code").fill(fresh.lower())
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("under the id “cust/1”")
    dialog.get_by_role("button", name="Claim code").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Claimed for cust/1: 100 points, Free coffee, tag vip."
    )
    expect(page.get_by_role("table", name="Points ledger, newest first")).to_contain_text("+100")
    expect(page.get_by_role("table", name="Claims and refusals")).to_contain_text(fresh)
    assert customers.profile("cust/1").points == 100

    page.get_by_role("link", name="Claim a code for this customer").click()
    dialog.get_by_role("button", name="Claim code").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Enter the code that the customer reads")
    dialog.get_by_label("Promo code").fill(used)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("The customer reads: “This code")
    expect(dialog.get_by_label("Promo code")).to_have_value(used)
    complaints.clear()


def test_a_code_that_was_found_is_claimed_for_a_customer(visit: Visit) -> None:
    claim(a_code(), "cust/42")
    code = a_code()
    page = visit(Role.AGENT)
    find(page, code)
    page.get_by_role("link", name="Claim for a customer").click()
    box = page.get_by_role("dialog").get_by_label("Customer id")
    expect(box).to_be_focused()
    box.fill("cust/42")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Claimed for cust/42: 100 points.")
    assert customers.profile("cust/42").claim_count == 2


def test_a_lockout_is_seen_and_lifted(visit: Visit) -> None:
    for i in range(10):
        claim(f"NOSUCHCODE{i}", "cust-66")
    page = visit(Role.AGENT)
    page.goto("/customers")
    page.get_by_role("link", name="cust-66").click()
    expect(page.get_by_text("Locked out until")).to_be_visible()
    page.get_by_role("button", name="Lift lockout").click()
    expect(page.get_by_role("status")).to_contain_text("The lockout is lifted.")
    expect(page.get_by_text("Locked out until")).to_have_count(0)
    assert guessing.locked_until("cust-66") is None


def test_a_viewer_sees_all_of_it_and_is_offered_none_of_it(visit: Visit) -> None:
    code = a_code()
    for i in range(10):
        claim(f"NOSUCHCODE{i}", "cust-66")
    page = visit(Role.VIEWER)
    find(page, code)
    expect(page.locator(".bigcode")).to_contain_text(code)
    find_customer(page, "cust-66")
    expect(page.get_by_text("Locked out until")).to_be_visible()
    for name in ("Cancel code", "Claim a code", "Lift", "Create"):
        expect(page.locator("main").get_by_text(name)).to_have_count(0)
    bar = page.get_by_role("navigation", name="Main")
    for name in ("Team", "API keys", "Audit log"):
        expect(bar.get_by_role("link", name=name)).to_have_count(0)
