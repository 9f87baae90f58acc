"""Signing in through the company's provider, with a browser that goes there and back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from promint.accounts.models import Staff
from tests.e2e import accessibility
from tests.openid_provider import Provider, running
from tests.servers import Server

ANNA = {
    "sub": "u-1",
    "email": "anna@example.com",
    "email_verified": True,
    "name": "Anna",
    "groups": ["marketing"],
}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[tuple[Server, Provider]]:
    """A web process that knows a provider."""
    with Server.on_this_database(tmp_path) as server, running("") as provider:
        provider.person = dict(ANNA)
        server.web(**provider.settings())
        provider.client.back = f"{server.url}/login/openid/callback"
        yield server, provider


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_there_and_back_and_out_again(
    browser: Browser, company: tuple[Server, Provider], theme: str
) -> None:
    server, provider = company
    context = browser.new_context(
        base_url=server.url, color_scheme=theme, viewport={"width": 320, "height": 700}
    )
    page = context.new_page()
    page.goto("/customers")
    fine(page)
    page.get_by_role("link", name="Sign in with Harbour ID").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Customers")
    assert Staff.objects.get().email == "anna@example.com"
    page.goto("/profile")
    fine(page)
    expect(page.get_by_role("main")).to_contain_text("You sign in with Harbour ID")
    page.evaluate("document.querySelector('form[action=\"/logout\"]').requestSubmit()")
    expect(page.get_by_text("You are signed out of Promint.")).to_be_visible()
    fine(page)
    page.get_by_role("link", name="sign out of Harbour ID too").click()
    page.wait_for_url("**/login")
    provider.person = {**ANNA, "groups": []}
    page.get_by_role("link", name="Sign in with Harbour ID").click()
    expect(page.get_by_role("alert")).to_contain_text("None of your groups")
    fine(page)
    context.close()


def test_while_it_is_down_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    with Server.on_this_database(tmp_path) as server, running("") as provider:
        more = {"PROMINT_OIDC_ISSUER": f"{provider.issuer}/not-there"}
        server.web(**provider.settings(**more))
        page = browser.new_page(base_url=server.url, viewport={"width": 320, "height": 700})
        page.goto("/login")
        page.get_by_role("link", name="Sign in with Harbour ID").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Harbour ID does not answer")
        expect(page.get_by_label("Password")).to_be_visible()
        fine(page)
        page.context.close()


def fine(page: Page) -> None:
    assert accessibility.problems(page) == []
    assert not accessibility.scrolls_sideways(page)
