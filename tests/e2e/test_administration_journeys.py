"""What administrators do: keys, the team, the audit log; and what everybody does with their
profile."""

import re

import httpx
import pyotp
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from promint.accounts import second_factor
from promint.accounts.models import Staff, StaffSession
from promint.accounts.roles import Role
from promint.core import codes, lists
from promint.core.storage import database_now
from tests.e2e.conftest import Visit
from tests.factories import ACTOR, PASSWORD, a_code, a_list, a_member
from tests.mail_server import Inbox, serving
from tests.servers import Server, wait_until

NEW = "another one of mine"


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Promo code lists")


def choose_password(page: Page, link: str, password: str) -> None:
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password again").fill(password)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is set.")


def test_an_api_key_is_created_copied_used_and_revoked(visit: Visit, web: Server) -> None:
    page = visit(Role.ADMIN, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/keys")
    page.get_by_role("link", name="Create API key").click()
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("Tills")
    page.get_by_label("Claim").check()
    page.get_by_role("button", name="Create API key").click()
    page.get_by_role("button", name="Copy key").click()
    expect(page.get_by_role("alert")).to_have_text("Copied")
    key: str = page.evaluate("navigator.clipboard.readText()")
    assert page.get_by_label("API key", exact=True).input_value() == key

    def status() -> int:
        headers = {"Authorization": f"Bearer {key}"}
        address = f"{web.url}/api/v1/customers/cust-1"
        return httpx.get(address, headers=headers, trust_env=False, timeout=60).status_code

    assert status() == 200
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("table", name="API keys")).to_contain_text("Tills")
    assert key not in page.content()
    page.get_by_role("link", name="Revoke Tills").click()
    expect(page.get_by_role("link", name="Keep key")).to_be_focused()
    page.get_by_role("button", name="Revoke key").click()
    expect(page.get_by_role("status")).to_contain_text("Tills is revoked.")
    wait_until(lambda: status() == 401, 30)


def test_a_secret_is_selected_where_it_cannot_be_copied_and_its_dialog_leads_to_its_page(
    visit: Visit,
) -> None:
    page = visit(Role.ADMIN)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.goto("/webhooks")
    for close in ("click", "Escape"):
        page.get_by_role("link", name="Create endpoint").first.click()
        page.get_by_label("Address").fill(f"https://shop.example/{close}")
        page.get_by_label("A code is claimed").check()
        page.get_by_role("button", name="Create endpoint").click()
        page.get_by_role("button", name="Copy secret").click()
        expect(page.get_by_role("alert")).to_contain_text("press Ctrl+C")
        selected: str = page.evaluate("getSelection().toString()")
        assert selected == page.get_by_label("Secret", exact=True).input_value()
        if close == "click":
            page.get_by_role("link", name="Close").click()
        else:
            page.keyboard.press(close)
        expect(page.get_by_role("heading", level=1)).to_have_text(f"https://shop.example/{close}")
        page.get_by_role("link", name="Webhooks").last.click()


def test_someone_is_invited_signs_in_gets_another_role_and_leaves(visit: Visit) -> None:
    page = visit(Role.ADMIN)
    page.goto("/team")
    page.get_by_role("link", name="Invite someone").click()
    page.get_by_label("E-mail").fill("ines@example.com")
    page.get_by_label("Name").fill("Ines")
    page.get_by_role("radio", name="Viewer").check()
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_role("textbox", name="Link").input_value()
    page.get_by_role("link", name="Close").last.click()
    row = page.get_by_role("row").filter(has_text="ines@example.com")
    expect(row).to_contain_text("Invited")

    ines = visit()
    choose_password(ines, re.sub(r"^https?://[^/]+", "", link), PASSWORD)
    sign_in(ines, "ines@example.com", PASSWORD)
    expect(ines.get_by_role("link", name="Create promo code list")).to_have_count(0)

    page.get_by_role("link", name="Change the role of ines@example.com").click()
    expect(page.get_by_role("radio", name="Viewer")).to_be_focused()  # her role is chosen
    page.get_by_role("radio", name="Manager").check()
    page.get_by_role("button", name="Change role").click()
    expect(page.get_by_role("status")).to_contain_text("ines@example.com is manager now")
    ines.reload()  # a new role ends every session
    sign_in(ines, "ines@example.com", PASSWORD)
    expect(ines.get_by_role("link", name="Create promo code list").first).to_be_visible()

    page.get_by_role("link", name="Change the role of ines@example.com").click()
    expect(page.get_by_role("radio", name="Manager")).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Deactivate ines@example.com").click()
    expect(page.get_by_role("link", name="Keep account")).to_be_focused()
    page.get_by_role("button", name="Deactivate account").click()
    expect(row).to_contain_text("Deactivated")
    page.go_back()  # to the page under the dialog, which is not opened again
    expect(row).to_contain_text("Deactivated")
    expect(page.get_by_role("dialog")).to_have_count(0)
    ines.reload()
    expect(ines.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_audit_log_tells_who_changed_what_and_is_filtered(visit: Visit) -> None:
    promo_list = a_list(name="Spring", entry_cap=100)
    lists.edit(promo_list.public_id, {"entry_cap": 250}, ACTOR)
    code = a_code()
    codes.cancel(code, "Printed twice", ACTOR)
    page = visit(Role.ADMIN)
    page.goto("/")
    page.get_by_role("link", name="Audit log").click()
    edited = page.get_by_role("row").filter(has_text="List edited")
    expect(edited).to_contain_text("Entry cap 100 → 250")
    page.get_by_label("About").fill(code)
    page.get_by_role("button", name="Show").click()
    entries = page.get_by_role("table", name="Audit log, newest first").locator("tbody tr")
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("Printed twice")
    assert code.replace("-", "") not in page.url.replace("-", "")
    page.get_by_role("link", name="Clear").click()
    page.get_by_label("What", exact=True).select_option(label="List edited")
    page.get_by_role("button", name="Show").click()
    expect(entries).to_have_count(1)
    page.get_by_role("link", name="Spring").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring")


def test_a_forgotten_password_comes_by_mail(visit: Visit, web: Server) -> None:
    member = a_member(Role.VIEWER)
    inbox = Inbox()
    page = visit()
    with serving(inbox) as address:
        web.worker(PROMINT_EMAIL_URL=address, PROMINT_BASE_URL=web.url)
        page.goto("/login")
        page.get_by_role("link", name="Forgot it?").click()
        page.get_by_label("E-mail").fill(member.email)
        page.get_by_role("button", name="Write the mail").click()  # this web process knows of none
        expect(page.get_by_role("heading", level=1)).to_have_text("Ask for your link")
        wait_until(lambda: inbox.mails, 60)
    (mail,) = inbox.mails
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (link,) = re.findall(rf"{web.url}/password/\S+", text)
    choose_password(page, link, NEW)
    sign_in(page, member.email, NEW)


def test_a_code_from_an_app_is_needed_after_it_was_set_up(
    visit: Visit, complaints: list[str]
) -> None:
    page = visit(Role.VIEWER)
    member = Staff.objects.get()
    page.goto("/profile")
    page.get_by_role("link", name="Set it up").click()
    secret = page.get_by_text("type this key into the app").locator("code").inner_text()
    app = pyotp.TOTP(secret.replace(" ", ""))
    page.get_by_role("textbox", name="Code").fill(app.now())
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Turn on").click()
    recovery = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(recovery).to_have_count(10)
    code = recovery.first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    page.context.clear_cookies()
    page.goto("/profile")
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    page.get_by_role("textbox", name="Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong or was used already.")
    page.get_by_role("textbox", name="Code").fill(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")
    complaints.clear()  # the browser reports the 422


def test_what_is_demanded_stands_apart_from_how_to_set_it_up(visit: Visit) -> None:
    page = visit(Role.AGENT)
    Staff.objects.update(second_factor_demanded=True)
    page.goto("/")
    note = page.locator(".note", has_text="Everybody here signs in with a second factor")
    said, title = note.bounding_box(), page.get_by_role("heading", name="Passkeys").bounding_box()
    assert said is not None
    assert title is not None
    assert title["y"] - (said["y"] + said["height"]) >= 12


def test_what_is_typed_stays_when_a_second_factor_is_demanded_meanwhile(
    visit: Visit, complaints: list[str]
) -> None:
    page = visit(Role.MANAGER)
    page.goto("/offers/new")
    page.wait_for_load_state()
    page.get_by_role("dialog").get_by_label("Name").fill("Free pastry")
    Staff.objects.update(second_factor_demanded=True)
    page.get_by_role("dialog").get_by_role("button", name="Create offer").click()
    said = page.locator("[data-said]")
    expect(said).to_contain_text("Everybody here signs in with a second factor now. Nothing was")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_have_value("Free pastry")
    Staff.objects.update(second_factor_since=database_now())  # in another tab
    page.get_by_role("dialog").get_by_role("button", name="Create offer").click()
    expect(page.get_by_role("status")).to_contain_text("Free pastry")
    complaints.clear()  # the browser reports the 403


def test_who_has_a_second_factor_signs_in_over_the_open_page_too(
    visit: Visit, complaints: list[str]
) -> None:
    page = visit(Role.VIEWER)
    member, secret = Staff.objects.get(), second_factor.new_secret()
    codes = second_factor.turn_on(member.id, secret, pyotp.TOTP(secret).now(), ACTOR)
    page.context.clear_cookies()
    sign_in_with_code(page, member.email, codes[0])
    page.goto("/profile")
    page.get_by_label("Name").fill("Ines")
    StaffSession.objects.all().delete()
    page.get_by_role("button", name="Save profile").click()
    dialog = page.locator("#sign-in-again")
    dialog.get_by_label("E-mail").fill(member.email)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_role("textbox", name="Code").fill(codes[1])
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Save profile")).to_be_focused()
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("status")).to_contain_text("Your profile is saved.")
    complaints.clear()  # the browser reports each 401


def sign_in_with_code(page: Page, email: str, code: str) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Promo code lists")


def test_everyone_has_a_profile_with_theme_zone_and_password(visit: Visit) -> None:
    page = visit(Role.VIEWER)
    page.goto("/")
    member = Staff.objects.get()
    page.get_by_role("navigation", name="Main").get_by_role("link", name=member.email).click()
    page.get_by_label("Name").fill("Ines")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("status")).to_contain_text("Your profile is saved.")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Use theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    page.goto(reverse("customer", args=["cust-1"]))
    expect(page.locator("main")).to_contain_text("Asia/Tokyo (JST)")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, member.email, NEW)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_an_offer_is_created_and_found_while_typing(visit: Visit, role: Role) -> None:
    page = visit(role)
    page.goto("/offers")
    for name in ("Free coffee", "Tram ticket"):
        page.get_by_role("link", name="Create offer").click()
        expect(page.get_by_role("textbox", name="Name")).to_be_focused()
        page.get_by_role("textbox", name="Name").fill(name)
        page.get_by_label("Description").fill("Any size, in any shop, once.")
        page.get_by_role("button", name="Create offer").click()
        expect(page.get_by_role("status")).to_contain_text(f"{name} is created.")
    rows = page.get_by_role("table", name="Offers").locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("searchbox").fill("tram")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("search=tram"))
