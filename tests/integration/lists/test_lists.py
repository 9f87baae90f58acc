"""Lists: what a list needs, what can be changed, and how lists are found."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from promint.core import codes, lists
from promint.core.lists import SORTS
from promint.core.models import AuditEntry, Code, PromoList
from promint.core.rules.new_list import NewList
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListStatus, ListType, Refusal
from promint.core.storage.clock import database_now
from tests.factories import ACTOR, a_batch, a_list, an_offer, claim, shown_codes, some_codes

HOUR = timedelta(hours=1)


def new(**changes: Any) -> NewList:
    now = database_now()
    return replace(
        NewList("Spring", ListType.SINGLE_USE, now, now + 24 * HOUR, points=100), **changes
    )


def refusal_of(verb: Any, *arguments: Any) -> Refused:
    before = PromoList.objects.count(), AuditEntry.objects.count()
    with pytest.raises(Refused) as refused:
        verb(*arguments)
    assert (PromoList.objects.count(), AuditEntry.objects.count()) == before
    return refused.value


def edit(promo_list: PromoList, **changes: Any) -> PromoList:
    return lists.edit(promo_list.public_id, changes, ACTOR)


def status(promo_list: PromoList) -> ListStatus:
    return lists.find(promo_list.public_id).status(database_now())


def test_a_list_is_there_as_it_was_asked_for() -> None:
    tea, coffee = an_offer("Tea"), an_offer("Coffee")
    asked = new(
        name="  Spring service  ",
        timezone="Europe/Paris",
        entry_cap=1000,
        offers=[tea.public_id, coffee.public_id, tea.public_id],
        tags=["spring ", "vip", "spring"],
        code_length=10,
        code_prefix="SPR",
    )
    found = lists.find(lists.create(asked, ACTOR).public_id)
    assert (found.name, found.type, found.timezone) == (
        "Spring service",
        "single_use",
        "Europe/Paris",
    )
    assert (found.starts_at, found.ends_at) == (asked.starts_at, asked.ends_at)
    assert (found.points, found.tags) == (100, ["spring", "vip"])
    assert [o.name for o in found.offers.order_by("listoffer__place")] == ["Tea", "Coffee"]
    assert (found.code_length, found.code_prefix, found.named_code) == (10, "SPR", None)
    assert (found.counter.entry_cap, found.counter.claims, found.counter.codes) == (1000, 0, 0)
    entry = AuditEntry.objects.get(action="list.created")
    assert (entry.actor, entry.subject) == (ACTOR, found.public_id)
    assert entry.after is not None
    assert entry.after["offers"] == ["Tea", "Coffee"]


def test_a_multi_use_list_has_its_one_code_at_once() -> None:
    promo_list = a_list(ListType.MULTI_USE, code=" Spring Sale ")
    assert promo_list.counter.codes == 1
    code = codes.find("springsale")
    assert (code.shown, code.facts.id, code.batch) == ("Spring Sale", promo_list.id, None)


@pytest.mark.parametrize("again", ["SpringSale", "spring sale", "SPRING-SALE", "ＳpringSale"])
def test_a_code_that_exists_is_refused_however_it_is_written(again: str) -> None:
    holder = a_list(ListType.MULTI_USE, code="SpringSale")
    refused = refusal_of(lists.create, new(type=ListType.MULTI_USE, code=again), ACTOR)
    assert refused.refusal is Refusal.CODE_EXISTS
    assert set(refused.fields) == {"code"}
    assert f"The list {holder.name} ({holder.public_id}) has it." in refused.fields["code"]
    assert Code.objects.count() == 1


def test_a_generated_code_is_never_given_to_many() -> None:
    (shown,) = some_codes(1)
    refused = refusal_of(lists.create, new(type=ListType.MULTI_USE, code=shown), ACTOR)
    assert refused.refusal is Refusal.CODE_EXISTS


@pytest.mark.parametrize("offer", ["off_0000000000000", "lst_0000000000000", "coffee", ""])
def test_an_offer_that_does_not_exist_is_refused(offer: str) -> None:
    refused = refusal_of(lists.create, new(offers=[offer]), ACTOR)
    assert refused.refusal is Refusal.INVALID_REQUEST
    assert set(refused.fields) == {"outcomes.offers"}


def test_an_end_before_the_start_is_refused() -> None:
    now = database_now()
    refused = refusal_of(lists.create, new(starts_at=now, ends_at=now - HOUR), ACTOR)
    assert set(refused.fields) == {"ends_at"}


@pytest.mark.parametrize("public_id", ["lst_0000000000000", "bat_0000000000000", "", "lst_💥"])
def test_a_list_that_does_not_exist_is_not_found(public_id: str) -> None:
    assert refusal_of(lists.find, public_id).refusal is Refusal.NOT_FOUND


def test_name_end_and_cap_can_be_edited_and_the_change_is_audited() -> None:
    promo_list = a_list(entry_cap=10)
    ends_at = promo_list.ends_at + 24 * HOUR
    edit(promo_list, name=" Summer ", ends_at=ends_at, entry_cap=None)
    found = lists.find(promo_list.public_id)
    assert (found.name, found.ends_at, found.counter.entry_cap) == ("Summer", ends_at, None)
    assert [row.name for row in lists.search(database_now(), text="summer")] == ["Summer"]
    entry = AuditEntry.objects.get(action="list.edited")
    assert entry.before == {
        "name": "Spring",
        "ends_at": promo_list.ends_at.isoformat(),
        "entry_cap": 10,
    }
    assert entry.after == {"name": "Summer", "ends_at": ends_at.isoformat(), "entry_cap": None}


def test_an_edit_that_changes_nothing_is_not_audited() -> None:
    edit(a_list(), name="Spring")
    assert not AuditEntry.objects.filter(action="list.edited").exists()


@pytest.mark.parametrize(
    "field", ["type", "starts_at", "timezone", "outcomes", "points", "code", "code_format", "id"]
)
def test_everything_else_is_locked(field: str) -> None:
    promo_list = a_list()
    refused = refusal_of(lists.edit, promo_list.public_id, {field: "x", "name": "New"}, ACTOR)
    assert refused.refusal is Refusal.FIELD_LOCKED
    assert set(refused.fields) == {field}
    assert lists.find(promo_list.public_id).name == "Spring"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 201), ("name", "a\nb"), ("entry_cap", 0), ("entry_cap", 10**13)],
)
def test_a_bad_value_is_refused_with_its_field(field: str, value: Any) -> None:
    refused = refusal_of(lists.edit, a_list().public_id, {field: value}, ACTOR)
    assert (refused.refusal, set(refused.fields)) == (Refusal.INVALID_REQUEST, {field})


def test_the_end_stays_after_the_start() -> None:
    promo_list = a_list()
    changes = {"ends_at": promo_list.starts_at}
    refused = refusal_of(lists.edit, promo_list.public_id, changes, ACTOR)
    assert set(refused.fields) == {"ends_at"}


def test_a_cap_may_fall_to_the_claims_and_no_lower() -> None:
    promo_list = a_list(entry_cap=10)
    for code in some_codes(3, promo_list):
        claim(code)
    refused = refusal_of(lists.edit, promo_list.public_id, {"entry_cap": 2}, ACTOR)
    assert (refused.refusal, set(refused.fields)) == (Refusal.CAP_BELOW_CLAIMS, {"entry_cap"})
    assert edit(promo_list, entry_cap=3).counter.entry_cap == 3
    assert status(promo_list) is ListStatus.COMPLETED


def test_a_higher_cap_or_a_later_end_makes_a_completed_list_active_again() -> None:
    promo_list = a_list(entry_cap=1)
    claim(some_codes(1, promo_list)[0])
    assert status(promo_list) is ListStatus.COMPLETED
    edit(promo_list, entry_cap=2)
    assert status(promo_list) is ListStatus.ACTIVE
    edit(promo_list, ends_at=database_now())
    assert status(promo_list) is ListStatus.COMPLETED
    edit(promo_list, ends_at=database_now() + HOUR)
    assert status(promo_list) is ListStatus.ACTIVE


def test_a_list_all_of_whose_codes_are_claimed_is_still_active() -> None:
    promo_list = a_list()
    for code in some_codes(2, promo_list):
        claim(code)
    assert status(promo_list) is ListStatus.ACTIVE


def many_lists() -> list[PromoList]:
    """Lists in every status, with and without a cap, with claims and codes."""
    made = [
        a_list(name="beta", starts_in=HOUR, entry_cap=5),
        a_list(name="Alpha", ends_in=2 * HOUR),
        a_list(ListType.MULTI_USE, name="gamma", entry_cap=2),
        a_list(ListType.THIRD_PARTY, name="Ökonomie", starts_in=-3 * HOUR),
        a_list(name="delta", entry_cap=1),
        a_list(name="epsilon", ends_in=HOUR),
    ]
    claim(shown_codes(a_batch(made[4], 2))[0])
    edit(made[5], ends_at=database_now())
    a_batch(made[1], 4)
    claim(made[2].named_code or "", "cust-1")
    return made


def test_each_status_finds_the_lists_that_have_it() -> None:
    many_lists()
    now = database_now()
    everything = list(lists.search(now))
    for wanted in ListStatus:
        expected = {row.id for row in everything if row.status(now) is wanted}
        assert expected, wanted
        assert {row.id for row in lists.search(now, status=wanted)} == expected


def sort_key(row: PromoList, name: str) -> Any:
    now = database_now()
    order = [ListStatus.ACTIVE, ListStatus.PENDING, ListStatus.COMPLETED]
    return {
        "name": lambda: row.name.casefold(),
        "type": lambda: row.type,
        "status": lambda: order.index(row.status(now)),
        "starts_at": lambda: row.starts_at,
        "ends_at": lambda: row.ends_at,
        "claim_count": lambda: row.counter.claims,
        "entry_cap": lambda: (
            float("inf") if row.counter.entry_cap is None else row.counter.entry_cap
        ),
        "code_count": lambda: row.counter.codes,
        "created_at": lambda: row.created_at,
    }[name]()


@pytest.mark.parametrize("name", SORTS)
def test_lists_are_sorted_up_and_down_by_every_column(name: str) -> None:
    many_lists()
    up = [sort_key(row, name) for row in lists.search(database_now(), sort=name)]
    down = [sort_key(row, name) for row in lists.search(database_now(), sort=f"-{name}")]
    assert len(set(up)) > 1
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ALPHA", {"Alpha"}),
        ("ta", {"beta", "delta"}),
        ("ökonomie", {"Ökonomie"}),
        ("3rd party", {"Ökonomie"}),
        ("multi use", {"gamma"}),
        ("multi_use", {"gamma"}),
        ("  beta ", {"beta"}),
        ("%", set()),
        ("_ta", set()),
        ("nothing", set()),
    ],
)
def test_lists_are_found_by_name_and_type(text: str, names: set[str]) -> None:
    many_lists()
    assert {row.name for row in lists.search(database_now(), text=text)} == names


def test_lists_are_found_by_type_and_status_together() -> None:
    many_lists()
    found = lists.search(database_now(), type="single_use", status="completed")
    assert {row.name for row in found} == {"delta", "epsilon"}


@pytest.mark.parametrize("letter", ["ß", "ΐ", "İ", "A"])
def test_the_longest_names_are_found_however_their_case_folds(letter: str) -> None:
    made = a_list(ListType.THIRD_PARTY, name=letter * 200)
    lists.edit(made.public_id, {"name": letter * 199}, ACTOR)
    assert lists.search(database_now(), text=letter * 199).get() == made
