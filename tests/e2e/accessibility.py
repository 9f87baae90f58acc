"""What a page must have for everyone to use it, looked at in the browser that shows it."""

from pathlib import Path

from playwright.sync_api import Page

CHECKS = Path(__file__).with_suffix(".js").read_text()


def problems(page: Page) -> list[str]:
    """Of names, roles, labels, headings, references, sizes and contrast; empty when all is well."""
    found: list[str] = page.evaluate(CHECKS)
    return found


def scrolls_sideways(page: Page) -> bool:
    wider: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wider
