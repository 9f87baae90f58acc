"""Passkeys in Chromium, with a virtual authenticator that shows presence by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from promint.accounts.models import Passkey, Staff
from promint.accounts.roles import Role
from tests import databases
from tests.e2e import accessibility
from tests.factories import PASSWORD, a_member
from tests.servers import ANSWERS_WITHIN, Server, wait_until

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

REFUSES = """navigator.credentials.create = async () => {
    throw new DOMException("", "NotAllowedError");
};"""


@pytest.fixture
def at_localhost(tmp_path: Path) -> Iterator[Server]:
    """A web process that people reach by the name localhost, where passkeys work without TLS."""
    with Server.on_this_database(tmp_path) as server:
        port = databases.free_port()
        url = f"http://localhost:{port}"
        process = server.start(["web", "--port", str(port)], {"PROMINT_BASE_URL": url})
        server.urls.append(url)
        wait_until(lambda: server.answers(f"http://127.0.0.1:{port}", process), ANSWERS_WITHIN)
        yield server


def with_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def type_password(page: Page, member: Staff) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").press("Enter")


def fine(page: Page) -> None:
    assert accessibility.problems(page) == []
    assert not accessibility.scrolls_sideways(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_passkey_is_added_used_and_removed(
    browser: Browser, at_localhost: Server, theme: str
) -> None:
    member = a_member(Role.VIEWER)
    context = browser.new_context(
        base_url=at_localhost.url, color_scheme=theme, viewport={"width": 320, "height": 700}
    )
    page = context.new_page()
    with_authenticator(page)
    type_password(page, member)
    page.goto("/profile/two-factor")
    page.get_by_role("link", name="Use a passkey").press("Enter")
    expect(page.get_by_role("button", name="Add passkey")).to_be_visible()
    fine(page)
    page.get_by_role("button", name="Add passkey").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Give the passkey a name.")
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Add passkey").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.goto("/profile/passkeys")
    expect(page.get_by_role("list", name="Passkeys")).to_contain_text("Phone")
    fine(page)
    page.get_by_label("Name").fill("The same")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("This passkey is there already.")
    fine(page)

    page.context.clear_cookies()
    type_password(page, member)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    fine(page)
    page.get_by_role("button", name="Use your passkey").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Promo code lists")
    assert Passkey.objects.get().last_used_at is not None

    page.goto("/profile/passkeys")
    page.get_by_role("link", name="Remove the passkey Phone").press("Enter")
    expect(page.get_by_role("button", name="Remove passkey")).to_be_visible()
    fine(page)
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Remove passkey").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("is removed")
    assert not Passkey.objects.exists()
    context.close()


def test_over_the_open_page_a_passkey_signs_in_too(browser: Browser, at_localhost: Server) -> None:
    member = a_member(Role.MANAGER)
    page = browser.new_page(base_url=at_localhost.url)
    with_authenticator(page)
    type_password(page, member)
    page.goto("/profile/passkeys")
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.goto("/offers/new")
    page.get_by_role("textbox", name="Name").fill("Free coffee")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Create offer").click()
    again = page.locator("#sign-in-again")
    again.get_by_label("E-mail").fill(member.email)
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in").click()
    again.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_text("You are signed in again.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Free coffee")
    page.context.close()


def test_without_an_authenticator_or_without_script_the_page_says_what_to_do(
    browser: Browser, at_localhost: Server
) -> None:
    member = a_member(Role.VIEWER)
    context = browser.new_context(base_url=at_localhost.url)
    page = context.new_page()
    page.add_init_script(REFUSES)
    type_password(page, member)
    page.goto("/profile/passkeys")
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was given.")
    assert not Passkey.objects.exists()
    plain = browser.new_context(
        base_url=at_localhost.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    without = plain.new_page()
    without.goto("/profile/passkeys")
    expect(without.get_by_text("Adding a passkey needs JavaScript.")).to_be_visible()
    plain.close()
    context.close()
