"""The wheel is the whole program: it works in an environment with nothing of this directory."""

import re
import zipfile
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

import httpx
import pytest

from tests.installed import environment_with, in_sources, in_wheel, make_wheel, run
from tests.servers import Server

pytestmark = pytest.mark.same_on_both
SIGN_IN = {"username": "demo@promint.example", "password": "coffee-for-everyone"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Iterator[Server]:
    """`promint`, installed from the wheel. It runs in a directory with packages that end every
    program by which they are imported."""
    elsewhere = tmp_path / "elsewhere"
    for name in ("promint", "django"):
        (elsewhere / name).mkdir(parents=True)
        (elsewhere / name / "__init__.py").write_text("raise SystemExit('not this one')")
    with Server.of_its_own(tmp_path) as server:
        server.program = (environment_with(wheel, tmp_path / "environment") / "bin" / "promint",)
        server.runs_in = elsewhere
        yield server


def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    assert in_wheel(wheel) == in_sources()


@pytest.mark.parametrize(
    "kind", ["templates/lists/index.html", "static/promint/promint.css", "core/migrations/0001"]
)
def test_a_file_that_is_missing_in_a_wheel_is_noticed(
    wheel: Path, tmp_path: Path, kind: str
) -> None:
    poor = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(poor, "w") as copy:
        for file in whole.infolist():
            if kind not in file.filename:
                copy.writestr(file, whole.read(file))
    (missing,) = in_sources() - in_wheel(poor)
    assert kind in missing


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        texts = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
        told = message_from_string(archive.read(texts["METADATA"]).decode())
        assert "MIT License" in archive.read(texts["licenses/LICENSE"]).decode()
    assert (told["Name"], told["License-Expression"]) == ("promint", "MIT")
    assert told["Requires-Python"] == ">=3.11"
    assert told["Description-Content-Type"] == "text/markdown"
    assert told.get_payload().startswith("# Promint")


def test_the_installed_program_serves_pages_the_demo_and_a_claim(installed: Server) -> None:
    python = installed.program[0].parent / "python"  # type: ignore[union-attr]
    where = run(str(python), "-P", "-c", "import promint; print(promint.__path__[0])")
    assert where.startswith(str(python.parent.parent))
    installed.up()
    assert "Demo data loaded." in installed.succeed("demo")
    with httpx.Client(base_url=installed.url, trust_env=False, follow_redirects=True) as browser:
        page = browser.get("/login")
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
        scripts = re.findall(r'<script src="([^"]+)"', page.text)
        assert styles
        assert scripts
        for file in (*styles, *scripts):
            assert browser.get(file).raise_for_status().content
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        lists = browser.post("/login", data={**SIGN_IN, "csrfmiddlewaretoken": token})
    assert "<h1>" in lists.text
    assert lists.url.path == "/"
    shared = installed.manage.get("/lists?type=multi_use&status=active").json()["items"][0]
    attempt = {"code": shared["code"], "customer": "cust-of-the-wheel"}
    assert installed.claims.post("/claims", json=attempt).status_code == 201
    assert "not this one" not in installed.log.read_text()
    installed.succeed("doctor")
