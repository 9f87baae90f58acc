"""What the how-to pages name is on the pages of the dashboard."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from promint.core.rules.rules import ListType
from tests.e2e import screenshots

ROOT = Path(__file__).parents[2]
HOW_TO = sorted((ROOT / "docs/how-to").glob("*.md"))
DASHBOARD = ROOT / "promint/dashboard"


@cache
def on_the_pages() -> set[str]:
    """Every text that stands alone: between two tags of a template, as the label of one, or as a
    value in the dashboard's source."""
    found = {kind.label for kind in ListType} | {"Claim", "Manage"}  # the scopes of a key
    for template in DASHBOARD.rglob("*.html"):
        text = template.read_text()
        found |= set(re.findall(r'label="([^"]+)"', text))
        found |= {piece.strip() for piece in re.split(r"<[^>]*>|{%.*?%}|{{.*?}}", text)}
    for module in DASHBOARD.rglob("*.py"):
        constants = (
            one for one in ast.walk(ast.parse(module.read_text())) if isinstance(one, ast.Constant)
        )
        found |= {one.value for one in constants if isinstance(one.value, str)}
    return found


def named_on(page: Path) -> set[str]:
    return {" ".join(name.split()) for name in re.findall(r"\*\*(.+?)\*\*", page.read_text(), re.S)}


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_what_a_how_to_names_is_on_a_page(page: Path) -> None:
    assert named_on(page) <= on_the_pages()


def test_a_name_that_is_on_no_page_is_noticed() -> None:
    assert "Create promo code list" in on_the_pages()
    assert "Create promo" not in on_the_pages()


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_pictures_of_a_how_to_are_taken_by_make_screenshots(page: Path) -> None:
    scenes = {
        *screenshots.SIGNED_OUT,
        *screenshots.FIRST_RUN,
        *screenshots.BEFORE_WORK,
        *screenshots.AFTER_WORK,
    }
    assert set(re.findall(r"<!-- picture: ([a-z-]+):", page.read_text())) <= scenes
