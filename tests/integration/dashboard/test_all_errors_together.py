"""One submit shows all that is wrong, also what only the core can judge, and says what to write."""

from typing import Any

import pytest
from django.test import Client

from promint.accounts.roles import Role
from tests.factories import PASSWORD, a_list, a_member, signed_in

LONG = "x" * 2001


def errors(response: Any, form: str = "form") -> dict[str, list[str]]:
    return {name: list(said) for name, said in response.context[form].errors.items()}


def test_an_endpoint_with_a_wrong_address_and_without_events(admin: Client) -> None:
    assert errors(admin.post("/webhooks/new", {"url": "not a url"})).keys() == {"url", "events"}


def test_an_invitation_of_somebody_who_is_there_with_too_long_a_name(admin: Client) -> None:
    typed = {"email": a_member(Role.AGENT).email, "name": LONG, "role": "agent"}
    assert errors(admin.post("/team/invite", typed)).keys() == {"email", "name"}


def test_a_new_password_that_is_weak_and_repeated_wrongly_beside_a_wrong_one(
    manager: Client,
) -> None:
    typed = {"current": "wrong", "password": "short", "again": "other"}
    said = errors(manager.post("/profile/password", typed), "password_form")
    assert said.keys() == {"current", "password", "again"}
    right = errors(
        manager.post("/profile/password", typed | {"current": PASSWORD}), "password_form"
    )
    assert right.keys() == {"password", "again"}


def test_a_second_factor_with_a_wrong_code_and_a_wrong_password(manager: Client) -> None:
    said = errors(manager.post("/profile/two-factor", {"code": "123", "current": "wrong"}))
    assert said.keys() == {"code", "current"}


def test_the_number_of_characters_has_its_commas(manager: Client) -> None:
    said = errors(manager.post("/offers/new", {"name": "", "description": LONG}))
    assert said["description"] == ["Use at most 2,000 characters. These are 2,001."]


def test_which_tag_is_wrong_is_said(manager: Client) -> None:
    page = manager.post("/lists/new", {"tags": "fine, " + "t" * 65}).content.decode()
    assert f"&#x27;{'t' * 40}&#x27; cannot be a tag. Use 1 to 64 characters." in page


def test_errors_stand_in_the_order_of_the_page(manager: Client) -> None:
    typed = {"type": "single_use", "per_recipient": "x", "code_prefix": "!", "points": "x"}
    page = manager.post("/lists/new", typed).content.decode()
    places = [
        page.index(f'">{label}</a>: ') for label in ("Name", "Prefix", "Codes for each person")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("address", ["/", "/audit", "list"])
def test_a_search_that_ends_before_it_begins_says_so(address: str) -> None:
    page = f"/lists/{a_list().public_id}/claims" if address == "list" else address
    admin = signed_in(Role.ADMIN)
    days = {"since": "2026-12-10", "until": "2026-12-01"}
    said = "The second day is before the first. Choose a later one."
    told = admin.get(page, days).content.decode()
    assert said in told
    assert "<tbody" not in told
    one_day = {"since": "2026-12-10", "until": "2026-12-10"}
    assert said not in admin.get(page, one_day).content.decode()
