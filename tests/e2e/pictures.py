"""Takes pictures of pages: each in three widths, light and dark."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.e2e.browsers import DESKTOP

FOLDER = Path(__file__).parents[2] / "screenshots"
WINDOWS = [(1280, 900), (640, 900), (320, 640)]
LOOKS: dict[str, dict[str, Any]] = {
    f"{width}-{theme}": {
        "viewport": {"width": width, "height": height},
        "color_scheme": theme,
        "has_touch": width < 640,
    }
    for width, height in WINDOWS
    for theme in ("light", "dark")
}

Scene = Callable[[Page], object]


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Promo code lists", exact=True).wait_for()


def take(page: Page, name: str) -> None:
    """Take a picture of the whole page, in a window as high as the page, so that sticky elements
    are where they belong."""
    shown = page.viewport_size or DESKTOP
    if not page.locator("dialog:modal, nav:popover-open").count():
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": shown["width"], "height": max(height, shown["height"])})
    page.screenshot(path=FOLDER / f"{name}.png")
    page.set_viewport_size(shown)


def take_all(
    browser: Browser, url: str, scenes: dict[str, Scene], signed_in_as: tuple[str, str] | None
) -> None:
    for look, settings in LOOKS.items():
        context = browser.new_context(base_url=url, **settings)
        context.set_default_timeout(60_000)
        page = context.new_page()
        if signed_in_as:
            sign_in(page, *signed_in_as)
        for name, bring_about in scenes.items():
            bring_about(page)
            take(page, f"{name}-{look}")
        context.close()
        print(f"{len(scenes)} pictures, {look}")
