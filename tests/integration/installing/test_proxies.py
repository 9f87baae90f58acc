"""nginx and Caddy in front of several web processes, with the files of deploy/."""

import io
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import psycopg
import pytest

from promint.core.models import AuditEntry
from promint.core.rules import limits
from promint.core.rules.rules import ListType
from tests.databases import Cluster
from tests.factories import a_list
from tests.integration import test_whole_story
from tests.proxies import Behind, behind
from tests.servers import wait_until

OTHERS = "127.0.0.2"  # an address of this machine that the proxies do not have


@pytest.fixture(params=["nginx", "caddy"])
def proxied(
    request: pytest.FixtureRequest, on_postgresql: Cluster, tmp_path: Path
) -> Iterator[Behind]:
    with behind(request.param, tmp_path, "--processes", "2") as server:
        yield server


def test_the_whole_story_through_a_proxy_and_all_that_it_must_pass_on(
    proxied: Behind, tmp_path: Path
) -> None:
    test_whole_story.test_from_an_offer_to_a_customer_who_has_it(proxied)
    check_people(proxied)
    check_busy(proxied)
    check_upload(proxied)
    logs = [path.read_text() for path in tmp_path.glob("*log")]
    assert not any("SPR" in log for log in logs), "codes stand in the log of the proxy"


def check_people(server: Behind) -> None:
    """The pages, their files, secure cookies, and the address of the caller, which the caller
    cannot choose."""
    with server.browser(OTHERS, **{"X-Forwarded-For": "203.0.113.9"}) as browser:
        page = browser.get("/login")
        (styles,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
        assert browser.get(styles).raise_for_status().headers["Content-Type"].startswith("text/css")
        assert page.headers["Strict-Transport-Security"]
        assert "__Host-csrftoken" in browser.cookies
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        typed = {"username": "x@example.com", "password": "wrong", "csrfmiddlewaretoken": token}
        wrong = browser.post("/login", data=typed, headers={"Origin": server.url})
        assert wrong.status_code == 200, wrong.text
    noted = AuditEntry.objects.get(action="staff.sign_in_failed")
    assert noted.after == {"address": OTHERS}


def check_busy(server: Behind) -> None:
    with psycopg.connect(os.environ["PROMINT_DATABASE_URL"]) as somebody:
        somebody.execute("LOCK TABLE core_offer IN ACCESS EXCLUSIVE MODE")
        answer = server.manage.post("/offers", json={"name": "Free coffee"})
    assert (answer.status_code, answer.json()["error"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Content-Type"] == "application/problem+json"


def check_upload(server: Behind) -> None:
    """As large as uploads may be, and one that is too large."""
    address = f"/lists/{a_list(ListType.THIRD_PARTY).public_id}/uploads"
    sent = server.manage.post(address, files={"file": ("codes.xlsx", largest_workbook())})
    assert sent.status_code == 202, sent.text
    batch = f"/batches/{sent.json()['id']}"
    wait_until(lambda: server.manage.get(batch).json()["status"] != "pending", 60)
    assert server.manage.get(batch).json()["created"] == 2
    larger = {"file": ("codes.csv", b"x" * (limits.UPLOAD_BYTES + 2 * 1024**2))}
    refused = server.manage.post(address, files=larger)
    assert refused.status_code == 413, refused.text


def largest_workbook() -> bytes:
    """A workbook with two codes and a picture that is as large as can be."""
    book = openpyxl.Workbook()
    for row in ("Code", "TEA-0001", "TEA-0002"):
        book.active.append([row])
    made = io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("xl/media/picture.bin", bytes(limits.UPLOAD_BYTES - 64 * 1024))
    assert limits.UPLOAD_BYTES - 64 * 1024 < len(made.getvalue()) <= limits.UPLOAD_BYTES
    return made.getvalue()
