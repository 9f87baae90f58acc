"""What is typed stays until there is an answer, even if a session ends, a form is out of date,
or the connection fails."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from promint.accounts.models import StaffSession
from promint.accounts.roles import Role
from promint.core import customers
from promint.core.models import PromoList
from tests.e2e.conftest import Visit
from tests.factories import PASSWORD, a_code, a_list, a_member, claim, signed_in, some_codes


def fill(page: Page) -> None:
    page.goto("/lists/new")
    page.get_by_label("Name", exact=True).fill("Winter terrace")
    page.get_by_label("Points").fill("100")
    page.get_by_label("Tags").fill("winter, terrace,")
    page.get_by_label("Entry cap").fill("25,000")
    page.get_by_label("Name of a new offer").fill("Free mug")
    page.get_by_label("Name of a new offer").press("Enter")
    expect(page.get_by_label("Free mug")).to_be_checked()
    page.wait_for_load_state("networkidle")  # until everything that typing causes is loaded


def send(page: Page) -> None:
    page.get_by_role("button", name="Create promo code list").click()


def is_all_there(page: Page) -> None:
    expect(page.get_by_label("Name", exact=True)).to_have_value("Winter terrace")
    expect(page.get_by_label("Entry cap")).to_have_value("25,000")
    expect(page.get_by_label("Free mug")).to_be_checked()
    expect(page.get_by_role("button", name="Remove tag terrace")).to_be_visible()


def is_made(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter terrace")
    made = PromoList.objects.get()
    assert (made.tags, made.offers.count()) == (["winter", "terrace"], 1)


def test_after_a_session_has_ended_signing_in_leads_back_to_the_form(
    visit: Visit, complaints: list[str]
) -> None:
    member = a_member(Role.MANAGER)
    page = visit()
    page.goto("/login")
    sign_in(page, member.email, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Promo code lists")
    fill(page)
    StaffSession.objects.all().delete()
    send(page)
    again = page.get_by_role("dialog")
    expect(again).to_be_visible()
    page.keyboard.press("Escape")
    send(page)
    expect(again).to_contain_text("Your session has ended. What you typed is still here.")
    sign_in(again, member.email, "wrong")
    expect(again).to_contain_text("The e-mail address or the password is wrong")
    sign_in(again, member.email, PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("You are signed in again.")
    is_all_there(page)
    send(page)
    is_made(page)
    complaints.clear()  # the browser reports each 401


def sign_in(where: Page, email: str, password: str) -> None:
    where.get_by_label("E-mail").fill(email)
    where.get_by_label("Password").fill(password)
    where.get_by_role("button", name="Sign in").click()


def test_a_form_that_is_out_of_date_is_shown_again_with_all_in_it(
    visit: Visit, complaints: list[str]
) -> None:
    page = visit(Role.MANAGER)
    fill(page)
    page.route("**/lists/new", hold_what_follows_typing)  # its answer would bring a new token
    other = signed_in(Role.MANAGER).cookies["sessionid"].value
    page.context.clear_cookies(name="csrftoken")
    page.context.add_cookies([{"name": "sessionid", "value": other, "url": page.url}])
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("This form was out of date")
    is_all_there(page)
    send(page)
    is_made(page)
    complaints.clear()  # the browser reports each 403


def test_a_form_sent_while_offline_stays_and_says_so_and_is_done_once(
    visit: Visit, complaints: list[str]
) -> None:
    page = visit(Role.MANAGER)
    fill(page)
    page.route("**/lists/new", lose_the_answer_of_the_form)
    send(page)
    said = page.get_by_role("alert")
    expect(said).to_contain_text("Promint cannot be reached. What you typed is still here")
    expect(said).to_be_in_viewport()
    is_all_there(page)
    page.unroute("**/lists/new")
    send(page)
    is_made(page)
    complaints.clear()


def follows_typing(route: Route) -> bool:
    return "&do=" in (route.request.post_data or "")


def hold_what_follows_typing(route: Route) -> None:
    if not follows_typing(route):
        route.continue_()


def lose_the_answer_of_the_form(route: Route) -> None:
    if follows_typing(route):
        route.continue_()
    else:
        lose_the_answer(route)


def lose_the_answer(route: Route) -> None:
    """The request arrives, but its answer does not."""
    route.fetch(max_redirects=0)
    route.abort()


def test_a_request_that_fails_says_so_beside_what_was_clicked(
    visit: Visit, complaints: list[str]
) -> None:
    made = a_list()
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{made.public_id}")
    page.route("**/generate", lambda route: route.fulfill(status=500, body="broken"), times=1)
    page.get_by_role("link", name="Generate codes").click()
    expect(page.get_by_role("alert")).to_contain_text("The answer cannot be used (500).")
    page.get_by_role("link", name="Generate codes").click()
    page.get_by_label("Number of codes").fill("5")
    expect(page.get_by_role("button", name="Generate 5 codes")).to_be_visible()
    page.route("**/generate", lambda route: route.fulfill(status=500, body="broken"), times=1)
    page.get_by_role("button", name="Generate 5 codes").click()
    said = page.get_by_role("dialog").get_by_role("alert")
    expect(said).to_contain_text("The answer cannot be used (500). What you typed is still here")
    expect(page.get_by_label("Number of codes")).to_have_value("5")
    page.get_by_role("button", name="Generate 5 codes").click()
    expect(page.get_by_text("Generating 5 codes")).to_be_visible()
    complaints.clear()


def test_a_search_while_offline_does_not_show_the_rows_of_other_words(
    visit: Visit, complaints: list[str]
) -> None:
    a_list(name="Spring")
    page = visit(Role.VIEWER)
    page.goto("/")
    page.context.set_offline(True)
    page.get_by_role("searchbox").fill("winter")
    expect(page.get_by_role("alert")).to_contain_text("Promint cannot be reached")
    expect(page.get_by_role("link", name="Spring")).to_have_count(0)
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Nothing matches “winter”")).to_be_visible()
    complaints.clear()


@pytest.mark.parametrize(
    ("address", "label", "typed", "button"),
    [
        ("/customers", "Customer id", "cust-9", "Find customer"),
        ("/lists/{}/codes", "Status", "Claimed", "Show"),
        ("/lists/{}/handouts", "Recipient", "cust-9", "Find"),
        ("/cancellations/new?list={}", "Handed out", "Only handed out", "Show"),
    ],
)
def test_a_form_that_only_asks_stays_too_while_offline_and_asks_again(
    visit: Visit, complaints: list[str], address: str, label: str, typed: str, button: str
) -> None:
    promo_list = a_list(name="Spring")
    some_codes(3, promo_list)
    page = visit(Role.MANAGER)
    page.goto(address.format(promo_list.public_id))
    field = page.get_by_label(label, exact=True)
    page.context.set_offline(True)
    is_choice = field.evaluate("field => field.matches('select')")
    if is_choice:
        field.select_option(typed)
    else:
        field.fill(typed)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("alert")).to_contain_text("Promint cannot be reached. What you typed")
    kept = field.locator("option:checked").inner_text() if is_choice else field.input_value()
    assert kept == typed
    page.context.set_offline(False)
    page.get_by_role("button", name=button).click()
    expect(page).to_have_url(re.compile(r"\?.*="))
    expect(page.get_by_role("alert")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    complaints.clear()


def test_a_link_stays_on_its_page_while_the_browser_is_offline(
    visit: Visit, complaints: list[str]
) -> None:
    for n in range(30):
        a_list(name=f"Spring {n}")
    page = visit(Role.MANAGER)
    page.goto("/")
    links = [
        page.locator("th").get_by_role("link", name="Name"),
        page.get_by_role("link", name="Active 30"),
        page.get_by_role("link", name="Spring 29"),
        page.get_by_role("link", name="2", exact=True),
        page.get_by_role("link", name="Offers"),
    ]
    for link in links:
        page.context.set_offline(True)
        link.click()
        expect(page.get_by_role("alert")).to_contain_text("Promint cannot be reached, so this page")
        expect(page.get_by_role("alert")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.context.set_offline(False)
        link.press("Enter")
        expect(page.get_by_role("alert")).to_have_count(0)
        page.goto("/")
    page.get_by_role("link", name="Spring 29").click(modifiers=["ControlOrMeta"])
    expect(page).to_have_url(re.compile("/$"))  # another tab has it
    complaints.clear()


def test_a_sign_in_while_the_browser_is_offline_keeps_what_was_typed(
    visit: Visit, complaints: list[str]
) -> None:
    member = a_member(Role.MANAGER)
    page = visit()
    page.goto("/login")
    page.context.set_offline(True)
    sign_in(page, member.email, PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("Promint cannot be reached. What you typed")
    expect(page.get_by_label("E-mail")).to_have_value(member.email)
    page.context.set_offline(False)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Promo code lists")
    page.wait_for_load_state()  # with its scripts
    page.context.set_offline(True)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("alert")).to_contain_text("Promint cannot be reached")
    complaints.clear()


def test_a_claim_whose_answer_was_lost_is_found_out_with_the_same_key(
    visit: Visit, complaints: list[str]
) -> None:
    code = a_code()
    claim(a_code(), "cust-1")
    page = visit(Role.AGENT)
    page.goto("/customers/cust-1")
    page.get_by_role("link", name="Claim a code for this customer").click()
    page.get_by_label("Promo code").fill(code)
    page.route("**/claim-for/*", lose_the_answer, times=1)
    page.get_by_role("button", name="Claim code").click()
    expect(page.get_by_role("alert")).to_contain_text("Not known yet whether this claim counted")
    expect(page.get_by_role("status")).to_contain_text("Claimed for cust-1")
    assert customers.profile("cust-1").claim_count == 2
    complaints.clear()


def test_a_click_that_takes_longer_than_200_ms_shows_that_it_works(visit: Visit) -> None:
    page = visit(Role.AGENT)
    page.goto("/codes")
    held: list[Route] = []
    page.route("**/codes", lambda route: held.append(route))
    page.get_by_role("searchbox").fill(a_code())
    button = page.get_by_role("button", name="Find code")
    button.click()
    expect(button).to_have_attribute("data-working", "")
    held[0].continue_()
    expect(page.locator(".bigcode")).to_be_visible()


def test_what_is_typed_into_one_form_of_a_page_is_not_lost_by_sending_the_other(
    visit: Visit,
) -> None:
    made = a_list(name="Spring")
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{made.public_id}/edit")
    held: list[Route] = []
    page.route("**/edit", lambda route: held.append(route), times=1)
    with page.expect_request(lambda request: "do=preview" in (request.post_data or "")):
        page.get_by_label("Name", exact=True).fill("Summer")
    save = page.get_by_role("button", name="Save warnings")
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent: another part of this page")
    with page.expect_response("**/edit"):
        held[0].continue_()  # an answer to what was typed takes back nothing of that
    page.wait_for_timeout(200)
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent: another part of this page")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Summer")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#toasts")).to_contain_text("Summer is saved.")

    page.goto(f"/lists/{made.public_id}/edit")
    page.get_by_role("checkbox", name="The cap is reached").uncheck()
    changes = page.get_by_role("button", name="Save changes")
    changes.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent")
    changes.click()  # they are not wanted
    expect(page.get_by_role("heading", level=1)).to_have_text("Summer")
    assert PromoList.objects.get().muted == []

    page.goto("/profile")
    page.get_by_label("Name").fill("Ines")
    page.get_by_role("button", name="Use theme").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent")
    expect(page.get_by_label("Name")).to_have_value("Ines")


def test_pasted_rows_are_there_again_when_one_goes_back_to_correct_them(visit: Visit) -> None:
    made = a_list(name="Spring")
    page = visit(Role.MANAGER)
    page.goto(f"/lists/{made.public_id}/handouts/bulk")
    page.get_by_label("Or paste recipients").fill("guest-1\nguest-2")
    page.get_by_role("button", name="Check recipients").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check before handing out")
    page.go_back()
    expect(page.get_by_label("Or paste recipients")).to_have_value("guest-1\nguest-2")
    page.goto(page.url)
    expect(page.get_by_label("Or paste recipients")).to_have_value("")

    page.goto("/cancellations/new")
    page.get_by_label("Or paste codes").fill("NOSUCH-1\nNOSUCH-2")
    page.get_by_role("button", name="Show what is at stake").click()
    page.get_by_role("link", name="Choose other codes").click()
    expect(page.get_by_label("Or paste codes")).to_have_value("NOSUCH-1\nNOSUCH-2")
