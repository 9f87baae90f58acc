"""Actions whose costs may not be meant are asked about once, and done when the form is sent
again."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from promint.core import lists
from promint.core.models import Batch, PromoList
from promint.core.rules.rules import ListType
from promint.environment import PointValue
from tests.factories import a_batch, a_list, claim, some_codes
from tests.integration.dashboard.test_create_list import TYPED


def send(client: Client, path: str, typed: dict[str, Any], answered: Any = None) -> Any:
    """`answered`: the page with the questions, which are sent back as a browser would."""
    sure = re.findall(r'name="sure" value="(\w+)"', answered.content.decode()) if answered else []
    return client.post(path, typed | {"sure": sure})


def edited(promo_list: PromoList, **typed: Any) -> dict[str, Any]:
    ends = timezone.localtime(promo_list.ends_at)
    cap = promo_list.counter.entry_cap
    shown = {"name": promo_list.name, "end_date": f"{ends:%Y-%m-%d}", "end_time": f"{ends:%H:%M}"}
    shown["cap"] = "" if cap is None else str(cap)
    return {f"initial-{name}": value for name, value in shown.items()} | shown | typed


def asked(answer: Any) -> str:
    """The questions. Checks that nothing was saved and the form is still filled."""
    assert answer.status_code == 200
    assert "Nothing is saved yet" in answer.content.decode()
    return " ".join(one.text for one in answer.context["questions"])


def test_taking_the_cap_away_asks_with_the_liability_before_and_after(
    manager: Client, settings: Any
) -> None:
    settings.POINT_VALUE = PointValue(Decimal("0.01"), "USD")
    promo_list = a_list(points=100, entry_cap=250)
    page = f"/lists/{promo_list.public_id}/edit"
    first = send(manager, page, edited(promo_list, cap=""))
    assert "Now: 25,000 points, worth $250.00 at most." in asked(first)
    assert "Then: no limit, 100 points, worth $1.00 for each claim." in asked(first)
    assert lists.find(promo_list.public_id).counter.entry_cap == 250
    assert send(manager, page, edited(promo_list, cap=""), first).status_code == 302
    assert lists.find(promo_list.public_id).counter.entry_cap is None


def test_a_cap_that_grows_many_times_asks_once(manager: Client) -> None:
    promo_list = a_list(points=100, entry_cap=250)
    page = f"/lists/{promo_list.public_id}/edit"
    first = send(manager, page, edited(promo_list, cap="2,500,000"))
    assert "The cap grows from 250 to 2,500,000 claims" in asked(first)
    assert "can cost 250,000,000 points and not 25,000 points" in asked(first)
    assert send(manager, page, edited(promo_list, cap="2,500,000"), first).status_code == 302
    changed = lists.find(promo_list.public_id)
    assert changed.counter.entry_cap == 2_500_000
    assert send(manager, page, edited(changed, cap="9,000,000")).status_code == 302


def test_an_end_in_the_past_asks_since_the_list_is_completed_at_once(manager: Client) -> None:
    promo_list = a_list(starts_in=timedelta(days=-9))
    page = f"/lists/{promo_list.public_id}/edit"
    over = f"{timezone.localtime() - timedelta(days=2):%Y-%m-%d}"
    first = send(manager, page, edited(promo_list, end_date=over))
    assert "completed at once" in asked(first)
    assert lists.find(promo_list.public_id).ends_at == promo_list.ends_at
    assert send(manager, page, edited(promo_list, end_date=over), first).status_code == 302


def test_a_cap_that_is_reached_already_asks(manager: Client) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Once", entry_cap=10)
    claim("once")
    promo_list = lists.find(promo_list.public_id)
    page = f"/lists/{promo_list.public_id}/edit"
    first = send(manager, page, edited(promo_list, cap="1"))
    assert "completed at once" in asked(first)
    claim("once", "another")
    second = send(manager, page, edited(promo_list, cap="2"), first)
    assert "2 claims" in asked(second), "another number is another question"


def test_a_new_list_that_is_over_already_asks(manager: Client) -> None:
    typed = TYPED | {"start_date": "2020-01-01", "end_date": "2020-02-01", "end_time": "00:00"}
    first = send(manager, "/lists/new", typed)
    assert "over already: it ends on Feb 1, 2020" in asked(first)
    assert not PromoList.objects.exists()
    assert send(manager, "/lists/new", typed, first).status_code == 302


def test_what_costs_nothing_is_not_asked(manager: Client) -> None:
    promo_list = a_list(entry_cap=10)
    page = f"/lists/{promo_list.public_id}/edit"
    assert send(manager, page, edited(promo_list, cap="20", name="Summer")).status_code == 302


@pytest.mark.parametrize(
    ("end", "said"), [("2206-12-01", "after the year 2100"), ("2039-12-01", "about 13 years")]
)
def test_a_year_that_is_probably_mistyped_asks(manager: Client, end: str, said: str) -> None:
    first = send(manager, "/lists/new", TYPED | {"end_date": end})
    assert said in asked(first)
    assert not PromoList.objects.exists()
    assert send(manager, "/lists/new", TYPED | {"end_date": end}, first).status_code == 302
    promo_list = a_list()
    page = f"/lists/{promo_list.public_id}/edit"
    assert "Look at the year." in asked(send(manager, page, edited(promo_list, end_date=end)))


def test_more_codes_than_the_cap_lets_be_claimed_are_asked_about(manager: Client) -> None:
    promo_list = a_list(entry_cap=40)
    a_batch(promo_list, 20)
    claim(some_codes(1, promo_list)[0])
    page = f"/lists/{promo_list.public_id}/generate"
    preview = manager.post(page, {"quantity": "80", "do": "preview"}).content.decode()
    said = "61 of them can never be claimed while the cap is 40."
    assert said in preview
    first = send(manager, page, {"quantity": "80"})
    assert asked(first) == said
    assert Batch.objects.count() == 2
    assert send(manager, page, {"quantity": "80"}, first).status_code == 302
    uncapped = f"/lists/{a_list().public_id}/generate"
    assert send(manager, uncapped, {"quantity": "80"}).status_code == 302


def test_as_many_codes_as_the_cap_lets_be_claimed_are_not_asked_about(manager: Client) -> None:
    page = f"/lists/{a_list(entry_cap=40).public_id}/generate"
    assert send(manager, page, {"quantity": "40"}).status_code == 302
    beyond = send(manager, page, {"quantity": "5"})  # while the others are on the way
    assert "5 of them can never be claimed" in asked(beyond)


def test_a_name_that_another_list_has_is_pointed_out(manager: Client) -> None:
    other = a_list(name="spring Service")
    typing = manager.post("/lists/new", TYPED | {"do": "preview"}).content.decode()
    assert "Another list has the same name" in typing
    page = manager.post("/lists/new", TYPED, follow=True).content.decode()
    assert "Another list has the same name" in page
    more = manager.post("/lists/new", TYPED | {"do": "preview"}).content.decode()
    assert "2 other lists have the same name" in more
    editing = manager.get(f"/lists/{other.public_id}/edit").content.decode()
    assert "Another list has the same name" in editing
    alone = TYPED | {"do": "preview", "name": "Spring"}
    assert "the same name" not in manager.post("/lists/new", alone).content.decode()


def test_a_name_that_another_list_has_is_told_with_the_questions(manager: Client) -> None:
    a_list(name="spring Service")
    typed = TYPED | {"end_date": "2206-12-01"}
    first = send(manager, "/lists/new", typed)
    assert "after the year 2100" in asked(first)
    assert "Another list has the same name" in asked(first)
    assert send(manager, "/lists/new", typed, first).status_code == 302
    wrong = manager.post("/lists/new", TYPED | {"points": "1.000"}).content.decode()
    assert "2 other lists have the same name" in wrong, "with what is wrong"

    other = a_list(name="Autumn")
    page = f"/lists/{other.public_id}/edit"
    far = edited(other, end_date="2206-12-01")
    assert "the same name" not in asked(send(manager, page, far))
    far = edited(other, end_date="2206-12-01", name="Spring service")
    first = send(manager, page, far)
    assert "2 other lists have the same name." in asked(first)
    assert send(manager, page, far, first).status_code == 302


def test_the_question_about_codes_names_the_button_as_it_is(manager: Client) -> None:
    page = f"/lists/{a_list(entry_cap=40).public_id}/generate"
    first = send(manager, page, {"quantity": "1041"}).content.decode()
    assert "send it once more with “Generate 1,041 codes”" in first
    assert ">Generate 1,041 codes</button>" in first
    typing = manager.post(page, {"quantity": "1042", "do": "preview"}).content.decode()
    assert "Nothing is saved yet" not in typing, "the question is about another number"
    assert "1,002 of them can never be claimed" in typing


def test_codes_beyond_the_cap_are_asked_about_unless_it_was_said_while_typing(
    manager: Client,
) -> None:
    promo_list = a_list(entry_cap=10)
    page = f"/lists/{promo_list.public_id}/generate"
    first = send(manager, page, {"quantity": "15"})
    assert "5 of them can never be claimed" in asked(first)
    shown = manager.post(page, {"quantity": "15", "do": "preview"})
    assert send(manager, page, {"quantity": "16"}, shown).status_code == 200, "of another number"
    assert send(manager, page, {"quantity": "15"}, shown).status_code == 302
