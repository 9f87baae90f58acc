"""A browser, and visitors with a role, who record every error that a page reports."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from promint.accounts.roles import Role
from tests.e2e.browsers import CHROMIUM, DESKTOP, FLAGS
from tests.factories import signed_in
from tests.servers import Server

PATIENCE = 60_000  # milliseconds: the machine may be slow and shared
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django takes that for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serving(migrated: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web process of all browser tests."""
    with Server.on_this_database(tmp_path_factory.mktemp("serving")) as server:
        server.web()
        yield server


Visit = Callable[..., Page]


@pytest.fixture
def complaints() -> list[str]:
    """Console errors and uncaught exceptions on all pages of the test. There must be none."""
    return []


@pytest.fixture
def visit(browser: Browser, web: Server, complaints: list[str]) -> Iterator[Visit]:
    """`visit(Role.MANAGER)` is a page of somebody signed in. Further arguments are passed to the
    browser context."""
    contexts: list[BrowserContext] = []

    def enter(role: Role | None = None, **more: Any) -> Page:
        context = browser.new_context(**{"base_url": web.url, "viewport": DESKTOP, **more})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if role is not None:
            session = signed_in(role).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": web.url}])
        page = context.new_page()
        page.on("console", lambda said: _note(complaints, said.type, said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []


def _note(complaints: list[str], kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        complaints.append(f"{kind}: {text}")
