"""Sphinx makes the documentation site with this: `make docs`."""

import os
import re
import sys
import tempfile
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))

# The description of the API is made by the program, which wants a data directory.
_data = tempfile.TemporaryDirectory()
os.environ |= {"DJANGO_SETTINGS_MODULE": "promint.settings", "PROMINT_DATA_DIR": _data.name}

project = "Promint"
author = "the Promint authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "Promint"
html_copy_source = False
html_show_copyright = False
# Everything else, like fonts, scripts and styles, comes from the site itself.
html_theme_options = {"footer_icons": []}

myst_heading_anchors = 4
linkcheck_ignore = [r"http://127\.0\.0\.1", r"https?://[\w.-]+\.example(\.com)?\b"]
linkcheck_anchors = False  # of other sites; those in here are checked when the site is made
# JSON with "…" in it, and shell commands with placeholders, are shown as they are.
suppress_warnings = ["misc.highlighting_failure"]

_PICTURE = re.compile(r"<!-- picture: ([a-z-]+): (.*?) -->", re.DOTALL)
_OUTSIDE = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[\w/.-]+)\)")


def _prepare(app: Sphinx, name: str, source: list[str]) -> None:
    page = DOCS / f"{name}.md"
    text = _OUTSIDE.sub(lambda link: _outside(page, link), source[0])
    text = _PICTURE.sub(lambda wanted: _picture(page, wanted), text)
    if name == "reference":
        from openapi_pages import reference

        text += reference()
    source[0] = text


def _outside(page: Path, link: re.Match[str]) -> str:
    """Directories and pages of the source that the site does not have are named, not linked. Other
    files of the source, like settings for nginx, become downloads."""
    linked = (page.parent / link[2]).resolve()
    if linked.is_relative_to(DOCS) or (linked.is_file() and linked.suffix != ".md"):
        return link[0]
    name = str(linked.relative_to(DOCS.parent))
    return f"`{name}`" if link[1] == name else f"{link[1]} (`{name}`)"


def _picture(page: Path, wanted: re.Match[str]) -> str:
    """A picture of `make screenshots`, if there is one."""
    scene, words = wanted[1], " ".join(wanted[2].split())
    file = DOCS.parent / "screenshots" / f"{scene}-1280-light.png"
    return f"![{words}]({os.path.relpath(file, page.parent)})" if file.exists() else ""


def setup(app: Sphinx) -> None:
    app.connect("source-read", _prepare)
