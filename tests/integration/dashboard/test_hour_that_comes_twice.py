"""Paris, 31 October 2027: the clock shows 02:00 to 03:00 twice, first as CEST and then as CET."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from promint.core import lists
from promint.core.models import PromoList
from tests.factories import a_list

SECOND_0230 = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.fixture
def promo_list() -> PromoList:
    made = a_list(timezone="Europe/Paris")
    lists.edit(made.public_id, {"ends_at": SECOND_0230}, "staff:x")
    return lists.find(made.public_id)


def form_on(client: Client, promo_list: PromoList) -> dict[str, str]:
    """The fields that a browser would send from the page as it is."""
    html = client.get(f"/lists/{promo_list.public_id}/edit").content.decode()
    form = {}
    for tag in re.findall("<input[^>]*>", html):
        name, value = re.search('name="([^"]+)"', tag), re.search('value="([^"]*)"', tag)
        if name and name[1].removeprefix("initial-") in (
            "name",
            "end_date",
            "end_time",
            "cap",
            "end_which",
        ):
            form[name[1]] = value[1] if value else ""
    if (chosen := re.search('<option value="([01])" selected', html)) is not None:
        form["end_which"] = chosen[1]
    return form


def save(client: Client, promo_list: PromoList, form: dict[str, str]) -> Any:
    return client.post(f"/lists/{promo_list.public_id}/edit", form)


def test_a_later_end_within_the_repeated_hour_is_the_time_that_was_meant(
    manager: Client, promo_list: PromoList
) -> None:
    form = form_on(manager, promo_list)
    assert (form["end_time"], form["end_which"]) == ("02:30", "1")
    assert save(manager, promo_list, form | {"end_time": "02:45"}).status_code == 302
    assert lists.find(promo_list.public_id).ends_at == datetime(2027, 10, 31, 1, 45, tzinfo=UTC)


def test_the_other_of_the_two_can_be_chosen(manager: Client, promo_list: PromoList) -> None:
    save(manager, promo_list, form_on(manager, promo_list) | {"end_which": "0"})
    assert lists.find(promo_list.public_id).ends_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_who_does_not_say_which_is_asked(manager: Client, promo_list: PromoList) -> None:
    form = form_on(manager, promo_list) | {"end_time": "02:45"}
    del form["end_which"]
    page = save(manager, promo_list, form).content.decode()
    assert "Choose 02:45 CEST or 02:45 CET." in page
    assert ">02:45 CEST</option>" in page
    assert lists.find(promo_list.public_id).ends_at == SECOND_0230


def test_pages_tell_the_two_apart(manager: Client, promo_list: PromoList) -> None:
    shown = manager.get(f"/lists/{promo_list.public_id}").content.decode()
    assert "02:30 CET" in shown
    lists.edit(promo_list.public_id, {"ends_at": datetime(2027, 10, 31, 0, 30, tzinfo=UTC)}, "x")
    assert "02:30 CEST" in manager.get(f"/lists/{promo_list.public_id}").content.decode()


def test_an_hour_that_is_skipped_is_refused(manager: Client, promo_list: PromoList) -> None:
    form = form_on(manager, promo_list) | {"end_date": "2028-03-26", "end_time": "02:30"}
    page = save(manager, promo_list, form).content.decode()
    assert "this time does not exist" in page
    assert lists.find(promo_list.public_id).ends_at == SECOND_0230


def test_a_new_list_is_asked_too(manager: Client) -> None:
    form = {
        "name": "Night shift",
        "type": "single_use",
        "code_length": "12",
        "start_date": "2027-10-31",
        "start_time": "02:30",
        "end_date": "2027-12-01",
        "end_time": "00:00",
        "timezone": "Europe/Paris",
        "points": "100",
        "capping": "no",
    }
    page = manager.post("/lists/new", form).content.decode()
    assert "Choose 02:30 CEST or 02:30 CET." in page
    assert manager.post("/lists/new", form | {"start_which": "1"}).status_code == 302
    assert PromoList.objects.get().starts_at == SECOND_0230
