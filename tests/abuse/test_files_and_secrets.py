"""Files on the disk are for the user who runs Promint only, and cookies are for one host only."""

import os
import shlex
import stat
import subprocess
from pathlib import Path

import httpx
import pytest

from promint.accounts import passwords
from tests.servers import PROGRAM, Server

pytestmark = pytest.mark.same_on_both


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def promint(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = dict(
        os.environ, PROMINT_DATA_DIR=str(directory), PROMINT_DATABASE_URL="sqlite:///"
    )
    environment.pop("PROMINT_SECRET_KEY", None)
    return subprocess.run(
        ["sh", "-c", f"umask 000; exec {shlex.join([str(PROGRAM), *arguments])}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_files_that_a_command_writes_are_readable_by_its_user_only(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    assert promint(directory, "migrate").returncode == 0
    assert mode(directory) == 0o700
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert {"promint.sqlite3", "secret-key"} <= {path.name for path in files}
    assert all(mode(path) == 0o600 for path in files)


def test_a_directory_and_files_that_others_could_read_are_tightened(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    promint(directory, "migrate")
    directory.chmod(0o755)
    for name in ("promint.sqlite3", "secret-key"):
        (directory / name).chmod(0o644)
    assert promint(directory, "migrate").returncode == 0
    assert mode(directory) == 0o700
    assert mode(directory / "promint.sqlite3") == mode(directory / "secret-key") == 0o600


def test_a_directory_that_all_share_is_refused_with_a_sentence(tmp_path: Path) -> None:
    directory = tmp_path / "shared"
    directory.mkdir()
    directory.chmod(0o1777)
    refused = promint(directory, "migrate")
    assert refused.returncode == 2
    assert "PROMINT_DATA_DIR: others can read" in refused.stderr
    assert mode(directory) == 0o1777


def test_under_https_browsers_stay_there_and_cookies_are_of_this_host(tmp_path: Path) -> None:
    with Server.on_this_database(tmp_path) as server:
        server.web(PROMINT_BASE_URL="https://promo.example.com")
        answer = httpx.get(f"{server.url}/login", trust_env=False, timeout=60)
        others = [
            httpx.get(f"{server.url}{path}", trust_env=False, timeout=60)
            for path in ("/api/v1/claims", "/healthz", "/static/promint.css", "/nowhere")
        ]
    for other in others:
        assert other.headers.get_list("Strict-Transport-Security") == ["max-age=31536000"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-csrftoken=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_without_https_no_such_headers_are_sent(web: Server) -> None:
    answer = httpx.get(f"{web.url}/login", trust_env=False, timeout=60)
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["set-cookie"].startswith("csrftoken=")


def test_the_log_names_the_address_of_whoever_tries_passwords(web: Server) -> None:
    httpx.get(f"{web.url}/login", headers={"X-Forwarded-For": "192.0.2.77"}, trust_env=False)
    httpx.get(f"{web.url}/forgotten-password", headers={"X-Forwarded-For": "192.0.2.78"})
    log = web.log.read_text()
    assert "GET /login 200" in log
    assert "from 192.0.2.77" in log
    assert "192.0.2.78" not in log


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaaaaa", "passwordpassword", "qwertyuiopasdfgh", "123456789012345",
     "anna.smith@example.com!!", "--ANNA.smith@example.com--", "abcabcabcabcabcabc", "a" * 900],
)  # fmt: skip
def test_passwords_that_everybody_tries_are_refused_at_any_length(password: str) -> None:
    problem = passwords.weak(password, "anna.smith@example.com", "Anna Smith")
    assert problem is not None
    assert "tried first" in problem


@pytest.mark.parametrize("password", ["correct horse battery staple", "a long sentence of yours"])
def test_a_few_words_are_a_good_password(password: str) -> None:
    assert passwords.weak(password, "anna.smith@example.com", "Anna Smith") is None
