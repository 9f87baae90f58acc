"""A copy of a list: the form of a new one, with everything but the name, the dates and the code."""

from dataclasses import asdict
from typing import Any

import pytest
from django.test import Client

from promint.core.lists import facts_of, offers
from promint.core.models import AuditEntry, PromoList
from promint.core.rules import HandoutRules, ListType
from tests.factories import ACTOR, a_list, an_offer

NEW: dict[str, Any] = {
    "name": "Once more",
    "start_date": "2030-11-01",
    "start_time": "08:00",
    "end_date": "2030-12-01",
    "end_time": "00:00",
}


def form_of(client: Client, promo_list: PromoList) -> dict[str, Any]:
    """What the form shows, as a browser would send it."""
    form = client.get(f"/lists/{promo_list.public_id}/copy").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in shown.items() if value not in (None, False, "")}


def copied(client: Client, promo_list: PromoList, **typed: Any) -> PromoList:
    sent = form_of(client, promo_list) | NEW | typed
    answer = client.post(f"/lists/{promo_list.public_id}/copy", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    return PromoList.objects.select_related("counter").get(name=sent["name"])


@pytest.mark.parametrize("cap", [None, 25_000])
@pytest.mark.parametrize("type", [ListType.SINGLE_USE, ListType.THIRD_PARTY])
def test_a_copy_has_everything_but_name_dates_and_codes(
    manager: Client, type: ListType, cap: int | None
) -> None:
    single = {"code_prefix": "SPR", "code_length": 10} if type is ListType.SINGLE_USE else {}
    old = a_list(
        type,
        points=1_000,
        tags=["spring", "summer"],
        offers=[an_offer("Tea").public_id, an_offer("Cake").public_id],
        entry_cap=cap,
        timezone="Asia/Tokyo",
        handout=HandoutRules(bound=True, per_recipient=2, valid_days=9, agents_per_day=3),
        **single,
    )
    new = copied(manager, old)
    assert facts(new) == facts(old)
    assert new.counter.entry_cap == cap
    assert new.counter.codes == 0
    same = ("type", "timezone", "code_length", "code_prefix")
    assert [getattr(new, name) for name in same] == [getattr(old, name) for name in same]
    assert new.starts_at.isoformat() == "2030-10-31T23:00:00+00:00"


def facts(promo_list: PromoList) -> dict[str, Any]:
    found = asdict(facts_of([promo_list.id])[promo_list.id])
    return {name: found[name] for name in ("type", "prefix", "outcomes", "handout")}


def test_name_days_and_code_are_left_to_the_person(manager: Client) -> None:
    old = a_list(ListType.MULTI_USE, code="OnlyOnce")
    shown = form_of(manager, old)
    assert shown.keys() & {"name", "code", "start_date", "end_date"} == set()
    answer = manager.post(f"/lists/{old.public_id}/copy", shown)
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() >= {"name", "code", "start_date", "end_date"}
    assert copied(manager, old, code="OnceMore").named_code == "OnceMore"


def test_a_tag_that_the_form_cannot_hold_is_said_to_be_left_out(manager: Client) -> None:
    old = a_list(tags=["red, white", "blue"])
    page = manager.get(f"/lists/{old.public_id}/copy").content.decode()
    assert "The tag “red, white” is left out" in page
    assert copied(manager, old).tags == ["blue"]


def test_a_retired_offer_is_said_to_be_left_out(manager: Client) -> None:
    tea, cake = an_offer("Tea"), an_offer("Cake")
    old = a_list(offers=[tea.public_id, cake.public_id])
    offers.change(tea.public_id, {"retired": True}, ACTOR)
    page = manager.get(f"/lists/{old.public_id}/copy").content.decode()
    assert "The offer Tea is retired, so it is left out." in page
    assert [offer.name for offer in copied(manager, old).offers.all()] == ["Cake"]


def test_the_audit_log_says_of_which_list_it_is_a_copy(manager: Client) -> None:
    old = a_list()
    new = copied(manager, old)
    entry = AuditEntry.objects.get(action="list.created", subject=new.public_id)
    assert (entry.after or {})["copied_from"] == old.public_id


def test_what_is_typed_in_a_copy_stays_while_the_liability_is_worked_out(manager: Client) -> None:
    old = a_list(entry_cap=10, points=7)
    sent = form_of(manager, old) | {"name": "Twice", "cap": "20", "do": "preview"}
    answer = manager.post(f"/lists/{old.public_id}/copy", sent)
    assert answer.context["liability"].most_points == 140
    assert answer.context["form"]["name"].value() == "Twice"
    assert PromoList.objects.count() == 1


def test_a_list_can_be_copied_from_its_page_by_those_who_may(
    manager: Client, viewer: Client
) -> None:
    old = a_list()
    link = f"/lists/{old.public_id}/copy"
    assert link in manager.get(f"/lists/{old.public_id}").content.decode()
    assert link not in viewer.get(f"/lists/{old.public_id}").content.decode()
