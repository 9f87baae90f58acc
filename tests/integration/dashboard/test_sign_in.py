"""Signing in and out, the throttle, the theme, and the pages for what went wrong."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

import promint.urls
from promint.accounts.roles import Role
from promint.core.rules.refusals import Refused, not_found
from promint.core.rules.rules import Refusal
from promint.core.storage.transactions import Busy, OutcomeUnknown
from promint.dashboard.page.permissions import open_to_all
from tests.factories import PASSWORD, a_list, a_member, a_pending_batch


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login", {"username": email, "password": password, **more})


def test_signing_in_leads_to_the_lists_and_rotates_the_session(client: Client) -> None:
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key
    answer = sign_in(client, a_member(Role.VIEWER).email)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session.session_key != before
    assert client.get("/").status_code == 200


def test_signing_in_leads_back_to_the_page_asked_for_but_to_no_other_site(client: Client) -> None:
    email = a_member(Role.VIEWER).email
    assert sign_in(client, email, next="/?status=active")["Location"] == "/?status=active"
    client.logout()
    assert sign_in(client, email, next="https://elsewhere.example/")["Location"] == "/"


@pytest.mark.parametrize(
    ("sent_from", "leads_to"),
    [
        ("http://testserver/lists/new?type=single_use", "/lists/new?type=single_use"),
        ("https://elsewhere.example/lists/new", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_signed_out_leads_back_to_its_page(
    client: Client, sent_from: str, leads_to: str
) -> None:
    answer = client.post("/team/invite", {}, headers={"Referer": sent_from})
    assert parse_qs(urlsplit(answer["Location"]).query) == {"next": [leads_to]}


def test_an_address_that_takes_only_forms_leads_to_the_page_with_its_form(
    manager: Client, viewer: Client
) -> None:
    page = f"/lists/{a_list().public_id}"
    for rest, leads_to in (("export", page), ("archive", page), ("warnings", f"{page}/edit")):
        assert manager.get(f"{page}/{rest}")["Location"] == leads_to
        assert viewer.get(f"{page}/{rest}").status_code == 403
    answer = manager.put(f"{page}/export")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "There is nothing to see here" in answer.content.decode()


def test_loading_the_address_that_retries_a_batch_retries_nothing(manager: Client) -> None:
    batch = a_pending_batch(a_list())
    answer = manager.get(f"/batches/{batch.public_id}/retry")
    assert answer["Location"] == f"/lists/{batch.list.public_id}"
    batch.refresh_from_db()
    assert batch.status == "pending"


def test_capitals_and_spaces_around_the_address_do_not_matter(client: Client) -> None:
    email = a_member(Role.VIEWER).email
    assert sign_in(client, f"  {email.upper()} ").status_code == 302


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(client: Client) -> None:
    email = a_member(Role.VIEWER).email
    wrong = sign_in(client, email, "not the password").content.decode()
    unknown = sign_in(client, "nobody@example.com", "not the password").content.decode()
    sentence = "The e-mail address or the password is wrong."
    assert sentence in wrong
    assert sentence in unknown


def test_ten_wrong_passwords_lock_the_name_however_it_is_written(client: Client) -> None:
    email = a_member(Role.VIEWER).email
    for i in range(10):
        written = email.upper() if i % 2 else email
        locked = sign_in(client, written, "wrong")
    assert locked.status_code == 429
    right = sign_in(client, email)
    assert right.status_code == 429
    assert "Too many attempts" in right.content.decode()
    assert sign_in(client, a_member(Role.VIEWER).email).status_code == 302


def test_signing_out_ends_the_session_and_needs_a_form(viewer: Client) -> None:
    assert viewer.get("/logout")["Location"] == "/"
    assert viewer.get("/").status_code == 200
    assert viewer.post("/logout")["Location"] == "/login"
    assert viewer.get("/").status_code == 302


def test_the_theme_is_kept_and_comes_with_the_page(viewer: Client) -> None:
    assert b"data-theme" not in viewer.get("/").content.split(b"<head>")[0]
    answer = viewer.post("/theme", {"theme": "dark", "next": "/?type=multi_use"})
    assert answer["Location"] == "/?type=multi_use"
    assert b'data-theme="dark"' in viewer.get("/").content
    assert b'data-theme="dark"' in viewer.get("/nowhere").content
    assert viewer.post("/theme", {"theme": "x", "next": "//elsewhere.example"})["Location"] == "/"
    assert b'data-theme="dark"' not in viewer.get("/").content


def test_what_is_not_there_is_said_with_the_way_on(viewer: Client, client: Client) -> None:
    for who in (viewer, client):
        answer = who.get("/nowhere")
        assert answer.status_code == 404
        assert b"There is nothing here" in answer.content
    answer = viewer.get("/lists/lst_0000000000000")
    assert answer.status_code == 404
    assert b"There is no such list." in answer.content


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the inside")


urlpatterns = [*promint.urls.urlpatterns, path("broken", broken)]
handler500 = promint.urls.handler500


@override_settings(ROOT_URLCONF=__name__)
def test_a_failure_shows_a_page_and_nothing_of_what_failed(viewer: Client) -> None:
    viewer.raise_request_exception = False
    answer = viewer.get("/broken")
    assert answer.status_code == 500
    assert b"Something broke" in answer.content
    assert b"secret" not in answer.content


def test_pages_are_kept_by_no_cache_and_run_under_a_strict_policy(viewer: Client) -> None:
    answer = viewer.get("/")
    assert "no-store" in answer["Cache-Control"]
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (Busy(), 503, "Nothing was changed."),
        (OutcomeUnknown(), 503, "Your change may or may not have been saved."),
        (Refused(Refusal.LIST_COMPLETED, "The list is completed."), 409, "The list is completed."),
        (not_found("list"), 404, "There is no such list."),
    ],
)
def test_what_the_core_says_becomes_a_page(raised: Exception, status: int, said: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise raised

    answer = open_to_all(view)(RequestFactory().get("/"))
    assert answer.status_code == status
    assert said in answer.content.decode()
