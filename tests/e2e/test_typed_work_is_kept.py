"""What is typed stays until there is an answer, even if a session ends, a form is out of date,
or the connection fails."""

from playwright.sync_api import Page, Route, expect

from promint.accounts.models import StaffSession
from promint.accounts.roles import Role
from promint.core import customers
from promint.core.models import PromoList
from tests.e2e.conftest import Visit
from tests.factories import PASSWORD, a_code, a_list, a_member, claim, signed_in


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


def lose_the_answer_of_the_form(route: Route) -> None:
    if "&do=" in (route.request.post_data or ""):
        route.continue_()  # requests that follow the typing
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
    page.get_by_label("Name", exact=True).fill("Summer")
    save = page.get_by_role("button", name="Save warnings")
    save.click()
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
