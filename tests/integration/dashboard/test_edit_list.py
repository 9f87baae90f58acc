"""Editing a list: what can be changed, what is locked and why."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from promint.core import lists
from promint.core.models import AuditEntry, PromoList
from promint.core.rules.rules import ListType
from tests.factories import a_list, claim

ENDS = datetime(2030, 6, 1, 21, 59, 59, 5, tzinfo=UTC)


@pytest.fixture
def promo_list() -> PromoList:
    made = a_list(
        ListType.MULTI_USE, code="Once", timezone="Europe/Paris", entry_cap=10, tags=["vip"]
    )
    lists.edit(made.public_id, {"ends_at": ENDS}, "staff:x")
    return lists.find(made.public_id)


def typed(**more: Any) -> dict[str, Any]:
    return {
        "name": "Spring",
        "end_date": "2030-06-01",
        "end_time": "23:59",
        "cap": "10",
    } | more


def edit(client: Client, promo_list: PromoList, **more: Any) -> Any:
    """Send the form as a browser does, with the values that it showed at first."""
    seen = {f"initial-{name}": value for name, value in typed().items()}
    return client.post(f"/lists/{promo_list.public_id}/edit", seen | typed(**more))


def test_name_end_and_cap_can_be_changed(manager: Client, promo_list: PromoList) -> None:
    answer = edit(manager, promo_list, name="Summer", end_date="2030-07-01", cap="2,000")
    assert answer["Location"] == f"/lists/{promo_list.public_id}"
    changed = lists.find(promo_list.public_id)
    assert (changed.name, changed.counter.entry_cap) == ("Summer", 2000)
    assert changed.ends_at == datetime(2030, 7, 1, 21, 59, tzinfo=UTC)
    assert "Summer is saved." in manager.get(answer["Location"]).content.decode()


def test_an_end_that_reads_as_before_keeps_its_seconds(
    manager: Client, promo_list: PromoList
) -> None:
    edit(manager, promo_list, cap="11")
    assert lists.find(promo_list.public_id).ends_at == ENDS


def test_a_name_that_another_list_has_is_pointed_out_even_if_it_is_saved_at_once(
    manager: Client, promo_list: PromoList
) -> None:
    a_list(name="Refill Fridays")
    told = manager.get(edit(manager, promo_list, name="refill fridays")["Location"])
    assert "saved. Another list has the same name" in told.content.decode()
    told = manager.get(edit(manager, lists.find(promo_list.public_id), cap="77")["Location"])
    assert "the same name" not in told.content.decode()


def test_nothing_else_can_be_changed(manager: Client, promo_list: PromoList) -> None:
    edit(manager, promo_list, points="999", type="single_use", code="Other", starts_at="2020-01-01")
    after = lists.find(promo_list.public_id)
    for field in ("points", "type", "named_code", "starts_at"):
        assert getattr(after, field) == getattr(promo_list, field)


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"name": ""}, "name", "Give the list a name."),
        ({"end_date": "2019-01-01"}, "end_date", "after the start"),
        ({"cap": "1"}, "cap", "Use 2 or more: that many claims are made already."),
        ({"cap": "-4"}, "cap", "Write 4 without a sign"),
        ({"end_date": "2031-03-30", "end_time": "02:30"}, "end_time", "Clocks go forward"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    manager: Client, promo_list: PromoList, more: dict[str, str], field: str, said: str
) -> None:
    claim("once", "a")
    claim("once", "b")
    before = AuditEntry.objects.count()
    found = edit(manager, promo_list, **more).context["form"].errors
    assert said in found[field][0]
    assert AuditEntry.objects.count() == before


def test_all_that_is_wrong_is_said_at_once(manager: Client, promo_list: PromoList) -> None:
    claim("once", "a")
    claim("once", "b")
    found = (
        edit(manager, promo_list, name="", end_date="2019-01-01", cap="1").context["form"].errors
    )
    assert set(found) == {"name", "end_date", "cap"}
    found = edit(manager, promo_list, name="", end_date="never", cap="1.000").context["form"].errors
    assert set(found) == {"name", "end_date", "cap"}
    found = edit(manager, promo_list, end_date="2019-01-01", end_time="").context["form"].errors
    assert set(found) == {"end_date", "end_time"}


def test_the_page_says_what_is_locked_and_why(manager: Client, promo_list: PromoList) -> None:
    claim("once")
    text = manager.get(f"/lists/{promo_list.public_id}/edit").content.decode()
    assert "Locked" in text
    assert "1 claim was made at this value" in text
    assert "The list has started" in text
    assert "At least 1, the claims made so far." in text
    assert "Europe/Paris" in text


def test_a_higher_cap_shows_how_much_more_it_can_cost(
    manager: Client, promo_list: PromoList
) -> None:
    answer = edit(manager, promo_list, cap="15", do="preview")
    assert "1,500 points" in answer.content.decode()
    assert "500 points more than now" in answer.content.decode()
    assert lists.find(promo_list.public_id).counter.entry_cap == 10


def test_the_end_is_typed_in_the_zone_of_the_list(manager: Client) -> None:
    tokyo = a_list(timezone="Asia/Tokyo", ends_in=timedelta(days=5))
    form = manager.get(f"/lists/{tokyo.public_id}/edit").context["form"]
    there = tokyo.ends_at + timedelta(hours=9)
    shown = form.initial["end_date"], form.initial["end_time"]
    assert shown == (f"{there:%Y-%m-%d}", f"{there:%H:%M}")


def test_what_somebody_else_changed_meanwhile_stays(manager: Client, promo_list: PromoList) -> None:
    page = manager.get(f"/lists/{promo_list.public_id}/edit").content.decode()
    for name in ("name", "end_date", "end_time", "cap"):
        assert f'name="initial-{name}"' in page
    sooner = {"entry_cap": 3, "ends_at": ENDS - timedelta(days=9)}
    lists.edit(promo_list.public_id, sooner, "staff:finance@example.com")
    edit(manager, promo_list, name="Summer")
    edited = lists.find(promo_list.public_id)
    assert edited.name == "Summer"
    assert (edited.counter.entry_cap, edited.ends_at) == (3, sooner["ends_at"])


@pytest.mark.parametrize(("do", "day"), [("end-of-day", "2030-07-02"), ("preview", "2030-07-01")])
def test_what_is_typed_is_saved_after_a_look_at_what_it_means(
    manager: Client, promo_list: PromoList, do: str, day: str
) -> None:
    shown = edit(manager, promo_list, do=do, end_date="2030-07-01", cap="20")
    fields = Fields()
    fields.feed(shown.content.decode())
    assert fields.found["end_date"] == day
    assert fields.found["initial-end_date"] == "2030-06-01"
    saved = manager.post(f"/lists/{promo_list.public_id}/edit", fields.found)
    assert saved.status_code == 302
    ends_at = timezone.localtime(lists.find(promo_list.public_id).ends_at, ZoneInfo("Europe/Paris"))
    assert f"{ends_at:%Y-%m-%d}" == day
    assert lists.find(promo_list.public_id).counter.entry_cap == 20


def test_a_look_at_what_is_typed_finds_no_fault_with_it(
    manager: Client, promo_list: PromoList
) -> None:
    shown = edit(manager, promo_list, do="preview", name="", cap="x").content.decode()
    assert "aria-invalid" not in shown
    assert 'value="x"' in shown


class Fields(HTMLParser):
    """The inputs of a page, by name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "input" and has.get("name"):
            self.found[has["name"] or ""] = has.get("value") or ""


@pytest.mark.parametrize("cap", ["1000,00", "9,99", "1.000", "1,0000", ",100", "1e3", "²"])
def test_a_cap_that_could_be_a_decimal_is_not_guessed_at(
    manager: Client, promo_list: PromoList, cap: str
) -> None:
    assert edit(manager, promo_list, cap=cap).context["form"].errors["cap"]
    assert lists.find(promo_list.public_id).counter.entry_cap == 10


@pytest.mark.parametrize("cap", ["1000", "1,000", "1 000", "1'000", "1\u202f000"])
def test_thousands_may_be_set_apart(manager: Client, promo_list: PromoList, cap: str) -> None:
    edit(manager, promo_list, cap=cap)
    assert lists.find(promo_list.public_id).counter.entry_cap == 1000


def colleague_edits(promo_list: PromoList, **changes: Any) -> None:
    lists.edit(promo_list.public_id, changes, "staff:mira@example.com")


def test_a_field_that_a_colleague_changed_meanwhile_is_shown_beside_and_not_saved(
    manager: Client, promo_list: PromoList
) -> None:
    colleague_edits(promo_list, entry_cap=5000, ends_at=ENDS + timedelta(days=1))
    shown = edit(manager, promo_list, cap="4000", name="Summer")
    page = shown.content.decode()
    assert "mira@example.com wrote <b>5,000</b>" in page
    assert "You wrote <b>4,000</b>" in page
    assert [one.field for one in shown.context["conflicts"]] == ["entry_cap"]
    changed = lists.find(promo_list.public_id)
    assert (changed.name, changed.counter.entry_cap) == (promo_list.name, 5000)
    untouched = {name: shown.context["form"][name].value() for name in ("end_date", "end_time")}
    theirs = timezone.localtime(changed.ends_at, ZoneInfo("Europe/Paris"))
    assert untouched == {"end_date": f"{theirs:%Y-%m-%d}", "end_time": f"{theirs:%H:%M}"}
    again = edit(manager, promo_list, cap="4000", name="Summer")
    assert "Nothing is saved yet" in again.content.decode(), "without a choice it is not saved"


@pytest.mark.parametrize(("choice", "cap"), [("keep", 400), ("take", 500)])
def test_mine_is_kept_or_theirs_is_taken(
    manager: Client, promo_list: PromoList, choice: str, cap: int
) -> None:
    colleague_edits(promo_list, entry_cap=500)
    chosen = edit(manager, promo_list, cap="400", name="Summer", **{choice: "entry_cap"})
    assert "Nothing is saved yet" not in chosen.content.decode()
    html = chosen.content.decode()
    assert html.count("Not saved yet: look at what stands here now") == 1
    fields = dict(re.findall(r'name="((?:initial-)?\w+)" value="([^"]*)"', html))
    assert (fields["initial-cap"], fields["cap"]) == ("500", str(cap))
    sent = {name: fields[name] for name in fields if name.removeprefix("initial-") in typed()}
    assert manager.post(f"/lists/{promo_list.public_id}/edit", sent).status_code == 302
    changed = lists.find(promo_list.public_id)
    assert (changed.name, changed.counter.entry_cap) == ("Summer", cap)


def test_what_both_have_chosen_is_no_conflict(manager: Client, promo_list: PromoList) -> None:
    colleague_edits(promo_list, entry_cap=500)
    assert edit(manager, promo_list, cap="500").status_code == 302
