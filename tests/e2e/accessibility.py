"""What a page needs so that everyone can use it, checked by axe-core and by a few rules of our
own."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HOUSE_RULES = Path(__file__).with_suffix(".js").read_text()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

WIDTHS = [320, 390, 760, 1000, 1440]  # pixels

_axe = Axe()


def problems(page: Page) -> list[str]:
    """Sentences about problems, each with its element; empty if there are none."""
    return _broken(page, {"type": "tag", "values": STANDARDS})


def problems_in_both_themes(page: Page) -> list[str]:
    """The same for a page whose theme is that of the system. In the other theme only colours are
    looked at, because nothing else differs."""
    found = problems(page)
    page.emulate_media(color_scheme="dark")
    found += _broken(page, {"type": "rule", "values": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    return found


def _broken(page: Page, rules: dict[str, object]) -> list[str]:
    found: list[str] = page.evaluate(HOUSE_RULES)
    for broken in _axe.run(page, options={"runOnly": rules}).response["violations"]:
        found += [f"{broken['id']}: {node['html'][:140]}" for node in broken["nodes"]]
    return found


def scrolls_sideways(page: Page) -> bool:
    """Whether the page does, or a dialog that is open in it."""
    wider: bool = page.evaluate(
        """[document.documentElement, ...document.querySelectorAll("dialog[open]")]
            .some(one => one.scrollWidth > one.clientWidth)"""
    )
    return wider


def widths_at_which_it_scrolls_sideways(page: Page) -> list[int]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if scrolls_sideways(page):
            found.append(width)
    return found
