"""Who may send how much, decided before the body is read."""

from pathlib import Path

import pytest
from django.conf import settings

from promint.accounts.roles import Role, Scope
from promint.core.rules import ListType
from promint.server.bodies import FORM_BYTES, STRANGERS_BYTES
from tests.factories import a_key, a_list, signed_in
from tests.raw_http import RawCaller, head
from tests.servers import Server

FILE = "Content-Type: multipart/form-data; boundary=part"


@pytest.fixture
def uploads_page() -> str:
    return f"/lists/{a_list(ListType.THIRD_PARTY).public_id}/upload"


def refused_unread(server: Server, path: str, size: int, *fields: str) -> int:
    """The status of the answer to the head alone."""
    with RawCaller(server.url, timeout=20) as caller:
        return caller.send(head("POST", path, f"Content-Length: {size}", *fields)).answer().status


def cookie(role: Role) -> str:
    session = signed_in(role).cookies[settings.SESSION_COOKIE_NAME].value
    return f"Cookie: {settings.SESSION_COOKIE_NAME}={session}"


def test_a_stranger_sends_no_more_than_a_form_of_ours(web: Server, uploads_page: str) -> None:
    kept = Path(settings.DATA_DIR) / "uploads"
    before = set(kept.iterdir())
    for path in ("/login", "/forgotten-password", "/nowhere", "/lists/new", uploads_page):
        for fields in ((FILE,), (FILE, f"Cookie: {settings.SESSION_COOKIE_NAME}=made-up")):
            assert refused_unread(web, path, STRANGERS_BYTES + 1, *fields) == 413, path
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    with RawCaller(web.url) as caller:
        caller.send(head("POST", "/login", FILE, "Transfer-Encoding: chunked") + chunk * 2)
        assert caller.answer().status == 413
    assert set(kept.iterdir()) == before


def test_without_a_key_or_its_scope_nothing_is_read(web: Server) -> None:
    upload = f"/api/v1/lists/{a_list(ListType.THIRD_PARTY).public_id}/uploads"
    claims_only = f"Authorization: Bearer {a_key(Scope.CLAIM)}"
    for path in (upload, "/api/v1/lists", "/api/v1/claims"):
        for size in (1_000, 2_000_000, 200_000_000):
            assert refused_unread(web, path, size, FILE) == 401
    for size in (1_000, 50_000):
        assert refused_unread(web, "/api/v1/nowhere", size) == 404
    for path in (upload, "/api/v1/lists"):
        assert refused_unread(web, path, 2_000_000, claims_only, FILE) == 403
    managing = f"Authorization: Bearer {a_key(Scope.MANAGE)}"
    assert refused_unread(web, "/api/v1/lists", 2_000_000, managing) == 413


def test_who_is_signed_in_sends_a_megabyte_and_more_only_to_where_files_go(
    web: Server, uploads_page: str
) -> None:
    signed = cookie(Role.MANAGER)
    assert refused_unread(web, "/offers/new", FORM_BYTES + 1, signed) == 413
    form = b"name=" + b"a" * (FORM_BYTES - 5)
    fields = (signed, f"Content-Length: {len(form)}", "Content-Type: text/plain")
    with RawCaller(web.url) as caller:
        assert caller.send(head("POST", "/offers/new", *fields) + form).answer().status == 403
    part = b'--part\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    file = part + b"SPRING1\r\n" * 300_000 + b"--part--\r\n"
    fields = (signed, f"Content-Length: {len(file)}", FILE)
    with RawCaller(web.url) as caller:  # it is read, and refused because the token is missing
        assert caller.send(head("POST", uploads_page, *fields) + file).answer().status == 403
