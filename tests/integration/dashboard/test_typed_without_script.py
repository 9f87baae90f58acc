"""Without script, a form sent after the session has ended is there again after signing in."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from promint.accounts.models import Staff
from promint.accounts.roles import Role
from promint.core.models import Offer
from promint.core.storage import database_now
from promint.dashboard.page import typed
from tests.factories import PASSWORD, a_list, a_member

OFFER = {"name": "Free “mug” <b>", "description": "One\nfor each", "sent_once": "a" * 32}


def sign_in(client: Client) -> str:
    """The page after signing in, or nothing if it leads on."""
    email = a_member(Role.MANAGER).email
    answer = client.post("/login", {"username": email, "password": PASSWORD, "next": "/offers"})
    return answer.content.decode()


def test_what_was_typed_is_shown_after_signing_in_and_sent_by_one_click() -> None:
    client = Client()
    answer = client.post("/offers/new", OFFER, headers={"Referer": "http://testserver/offers"})
    assert answer["Location"] == "/login?next=/offers"
    assert "mug" not in answer.cookies[settings.TYPED_COOKIE_NAME].value
    client.post("/login", {"username": "nobody@example.com", "password": "wrong"})
    page = sign_in(client)
    assert not Offer.objects.exists()  # nothing is sent without a click
    assert 'action="/offers/new"' in page
    assert "Free “mug” &lt;b&gt;" in page
    assert 'href="/offers">Discard' in page
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert fields["description"] == OFFER["description"]
    assert client.cookies[settings.TYPED_COOKIE_NAME].value == ""  # shown once
    assert client.post("/offers/new", OFFER).status_code == 302
    assert Offer.objects.get().name == "Free “mug” <b>"
    assert sign_in(Client()) == ""


def test_it_is_said_for_whom_the_form_is_and_of_which_list() -> None:
    client, promo_list = Client(), a_list(name="Sorry")
    client.post(
        reverse("give_to_customer", args=["cust-42"]),
        {"list": promo_list.public_id, "reason": "Cold coffee"},
    )
    facts = re.sub(r"<[^>]+>", " ", sign_in(client))
    for said in ("Give to customer", "cust-42", "Sorry", "Cold coffee"):
        assert said in facts
    assert promo_list.public_id not in facts


def test_it_is_kept_until_a_second_factor_that_is_demanded_is_set_up() -> None:
    client, member = Client(), a_member(Role.MANAGER)
    client.force_login(member, "django.contrib.auth.backends.ModelBackend")
    Staff.objects.update(second_factor_demanded=True)
    assert client.post("/offers/new", OFFER)["Location"] == "/profile/two-factor"
    assert "Set up yours to go on" in client.get("/profile/two-factor").content.decode()
    Staff.objects.update(second_factor_since=database_now())
    page = client.get("/profile/two-factor").content.decode()
    assert "Send it once more" in page
    assert "Free “mug” &lt;b&gt;" in page
    assert "Send it once more" not in client.get("/profile/two-factor").content.decode()


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/profile/password", {"current": PASSWORD, "password": "n" * 20, "again": "n" * 20}),
        ("/offers/new", {"name": "", "sent_once": "a" * 32}),
        ("/offers/new", {"name": "N", "description": "".join(map(chr, range(0x4E00, 0x6000)))}),
    ],
)
def test_passwords_nothing_and_too_much_are_not_kept(
    client: Client, address: str, fields: dict[str, str]
) -> None:
    assert settings.TYPED_COOKIE_NAME not in client.post(address, fields).cookies


def test_a_form_with_a_file_is_not_kept(client: Client) -> None:
    address = f"/lists/{a_list().public_id}/upload"
    file = SimpleUploadedFile("codes.csv", b"NW-1")
    answer = client.post(address, {"file": file, "codes": "NW-2"})
    assert settings.TYPED_COOKIE_NAME not in answer.cookies


def test_it_is_not_kept_for_long_nor_taken_from_anywhere_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/offers/new", OFFER)
    monkeypatch.setattr(typed, "FOR", timedelta(seconds=-1))
    assert sign_in(client) == ""
    client = Client()
    client.cookies[settings.TYPED_COOKIE_NAME] = "made up"
    assert sign_in(client) == ""
