"""The documentation site is made without a warning, and is whole without any other host."""

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from django.db import connection

from promint.api.management.operations import management

ROOT = Path(__file__).parents[2]
PAGES = [page.relative_to(ROOT / "docs") for page in (ROOT / "docs").rglob("*.md")]
PICTURE = "code-claimed"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="The site has no database; it is made once"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` makes it, from a copy that has one picture of all that are named."""
    copy = tmp_path_factory.mktemp("copy")
    for folder in ("docs", "deploy"):
        shutil.copytree(ROOT / folder, copy / folder)
    for name in ("README.md", "CHANGELOG.md", "SECURITY.md"):
        shutil.copy(ROOT / name, copy)
    (copy / "screenshots").mkdir()
    (copy / "screenshots" / f"{PICTURE}-1280-light.png").write_bytes(PNG)
    made = make(copy)
    assert made.returncode == 0, made.stderr
    return copy / "site"


def make(copy: Path) -> subprocess.CompletedProcess[str]:
    (flags,) = re.findall(r"-m sphinx (.*) docs build/docs$", (ROOT / "Makefile").read_text(), re.M)
    command = [sys.executable, "-m", "sphinx", *flags.split(), "docs", "site"]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=240)


def test_every_page_is_made_and_is_in_the_contents(site: Path) -> None:
    # Sphinx warns of a page that is in no table of contents, and a warning is an error here.
    for page in PAGES:
        assert (site / page.with_suffix(".html")).exists(), page


def test_nothing_comes_from_another_host(site: Path) -> None:
    loading = r"<(?:script|link|img|iframe|source|form)\b[^>]*?\b(?:src|href|action)=\"([^\"]+)\""
    for page in site.rglob("*.html"):
        assert not [one for one in re.findall(loading, page.read_text()) if "//" in one], page
    for style in site.rglob("*.css"):
        text = style.read_text()
        assert not re.search(r"@import|url\([\"']?(?:https?:)?//", text), style


def test_the_reference_has_every_operation_and_every_shape(site: Path) -> None:
    text = unescape(re.sub(r"<[^>]+>", "", (site / "reference.html").read_text()))
    described = management.get_openapi_schema()
    for path, of_path in described["paths"].items():
        for method in of_path:
            assert f"\n{method.upper()} {path}¶\n" in text
    for shape in described["components"]["schemas"]:
        assert f"\n{shape}¶\n" in text


def test_a_picture_is_shown_if_it_was_taken(site: Path) -> None:
    shown = (site / "how-to/help-a-customer.html").read_text()
    assert 'alt="A claimed code with its history"' in shown
    assert "<img" not in (site / "how-to/print-codes.html").read_text()


def test_a_link_into_nothing_and_a_page_outside_the_contents_stop_it(tmp_path: Path) -> None:
    small = tmp_path / "docs"
    small.mkdir()
    shutil.copy(ROOT / "docs/conf.py", small)
    (small / "index.md").write_text("# Small\n\n[Nothing](nothing.md)\n")
    (small / "lost.md").write_text("# Lost\n")
    made = make(tmp_path)
    assert made.returncode == 1
    assert "nothing.md" in made.stderr
    assert "lost.md" in made.stderr
