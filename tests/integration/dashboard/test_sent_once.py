"""The same form sent twice makes one thing. With other values, it makes another."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from promint.accounts.models import ApiKey, Staff
from promint.core.models import Batch, Claim, Export, Offer, PromoList
from promint.core.rules.rules import ListType
from tests.factories import a_batch, a_list, claim, some_codes

A_LIST = {
    "name": "Spring",
    "type": "single_use",
    "code_length": "12",
    "start_date": "2030-01-01",
    "start_time": "00:00",
    "end_date": "2030-06-01",
    "end_time": "00:00",
    "timezone": "UTC",
    "points": "100",
    "capping": "no",
}


def token_on(client: Client, page: str) -> str:
    html = client.get(page).content.decode()
    found = re.search(r'name="sent_once" value="([0-9a-f]{32})"', html)
    assert found, html
    return found[1]


@pytest.mark.parametrize(
    ("page", "form", "changed", "made"),
    [
        ("/offers/new", {"name": "Coffee"}, {"name": "Tea"}, Offer),
        ("/lists/new", A_LIST, {"name": "Summer"}, PromoList),
        ("/keys/new", {"name": "Till", "scopes": "claim"}, {"name": "Shop"}, ApiKey),
    ],
)
def test_a_form_sent_twice_makes_one(
    admin: Client, page: str, form: dict[str, Any], changed: dict[str, Any], made: type[Model]
) -> None:
    form = form | {"sent_once": token_on(admin, page)}
    answers = [admin.post(page, form) for _ in range(2)]
    assert made._default_manager.count() == 1, answers[0].content.decode()
    assert answers[1].status_code == 302
    admin.post(page, form | changed)
    assert made._default_manager.count() == 2
    admin.post(page, form | {"sent_once": token_on(admin, page)})
    assert made._default_manager.count() == 3


def test_generate_sent_twice_makes_one_batch(manager: Client) -> None:
    page = f"/lists/{a_list().public_id}/generate"
    form = {"quantity": "100", "sent_once": token_on(manager, page)}
    answers = [manager.post(page, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Batch.objects.count() == 1


def test_a_file_sent_twice_makes_one_batch(manager: Client) -> None:
    page = f"/lists/{a_list(ListType.THIRD_PARTY).public_id}"
    file = SimpleUploadedFile("codes.csv", b"AAA-111\n")
    look = manager.post(f"{page}/upload", {"file": file})["Location"]
    token = token_on(manager, look)
    for _ in range(2):
        manager.post(look, {"sent_once": token})
        assert Batch.objects.count() == 1


def test_a_form_that_was_refused_can_be_mended_and_sent_again(manager: Client) -> None:
    form = {"name": " ", "sent_once": token_on(manager, "/offers/new")}
    assert manager.post("/offers/new", form).status_code == 422
    assert manager.post("/offers/new", form | {"name": "Coffee"}).status_code == 302
    assert Offer.objects.count() == 1


def test_an_invitation_sent_twice_shows_the_link_again(admin: Client) -> None:
    form = {"email": "new@example.com", "role": "agent"}
    form |= {"sent_once": token_on(admin, "/team/invite")}
    answers = [admin.post("/team/invite", form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Staff.objects.filter(email="new@example.com").count() == 1
    assert "A link for new@example.com" in answers[1].content.decode()


def test_an_export_asked_for_twice_is_made_once(manager: Client) -> None:
    page = f"/lists/{a_batch(a_list(), 2).list.public_id}"
    form = {"format": "csv", "batch": "", "sent_once": token_on(manager, page)}
    answers = [manager.post(f"{page}/export", form) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Export.objects.count() == 1


def test_an_offer_added_twice_while_a_list_is_made_is_one(manager: Client) -> None:
    form = A_LIST | {"do": "add-offer", "new_offer": "Coffee"}
    form |= {"sent_once": token_on(manager, "/lists/new")}
    for _ in range(2):
        assert "Coffee" in manager.post("/lists/new", form).content.decode()
    assert Offer.objects.count() == 1


def test_a_claim_sent_twice_is_one_and_not_refused(agent: Client) -> None:
    known, code, other = some_codes(3)
    claim(known, "cust-1")
    page = reverse("claim_for_customer", args=["cust-1"])
    form = {"code": code, "sent_once": token_on(agent, page)}
    answers = [agent.post(page, form, follow=True).content.decode() for _ in range(2)]
    assert all("Claimed for cust-1" in answer for answer in answers)
    assert Claim.objects.count() == 2
    assert agent.post(page, form | {"code": other}).status_code == 302
    assert Claim.objects.count() == 3
    anew = form | {"sent_once": token_on(agent, page)}
    assert agent.post(page, anew).status_code == 409
