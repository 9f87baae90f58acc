"""What a page needs so that everyone can use it, checked by axe-core and by a few rules of our
own."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HOUSE_RULES = Path(__file__).with_suffix(".js").read_text()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_axe = Axe()


def problems(page: Page) -> list[str]:
    """Sentences about problems, each with its element; empty if there are none."""
    found: list[str] = page.evaluate(HOUSE_RULES)
    answer = _axe.run(page, options={"runOnly": {"type": "tag", "values": STANDARDS}})
    for broken in answer.response["violations"]:
        found += [f"{broken['id']}: {node['html'][:140]}" for node in broken["nodes"]]
    return found


def scrolls_sideways(page: Page) -> bool:
    wider: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wider
