"""Codes handed out over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from promint.accounts.roles import Scope
from promint.core.models import PromoList
from promint.core.rules import HandoutRules
from promint.core.rules.rules import ListType
from tests.api import Api, new_list, problem, wrong_fields
from tests.factories import a_batch, a_list, claim, some_codes


def hand_out(api: Api, promo_list: PromoList, recipient: str = "cust-1", **more: Any) -> Any:
    path = f"/lists/{promo_list.public_id}/handouts"
    return api.post(path, {"recipient": recipient, **more})


@pytest.mark.parametrize("scope", Scope)
def test_a_code_is_handed_out_once_and_the_answer_stays_the_same(scope: Scope) -> None:
    api, promo_list = Api(scope), a_list()
    (code,) = some_codes(1, promo_list)
    made = api.ok(hand_out(api, promo_list), 201)
    assert made.pop("id").startswith("hnd_")
    assert made.pop("handed_out_at").endswith("Z")
    assert made == {
        "list": promo_list.public_id,
        "recipient": "cust-1",
        "code": code,
        "ends_at": None,
        "claimed_at": None,
    }
    again = api.ok(hand_out(api, promo_list))
    assert again["code"] == code
    problem(hand_out(api, promo_list, "cust-2"), "no_codes_left")


def test_the_answer_says_when_the_code_was_claimed_and_when_it_ends() -> None:
    api, promo_list = Api(), a_list(handout=HandoutRules(valid_days=7))
    a_batch(promo_list, 1)
    code = api.ok(hand_out(api, promo_list), 201)["code"]
    made = claim(code).claim
    assert made is not None
    again = api.ok(hand_out(api, promo_list))
    assert again["claimed_at"] == made.claimed_at.isoformat().replace("+00:00", "Z")
    assert again["ends_at"][:10] > again["handed_out_at"][:10]


def test_refusals() -> None:
    api = Api()
    problem(hand_out(api, a_list(ListType.MULTI_USE)), "wrong_list_type")
    problem(api.post("/lists/lst_0/handouts", {"recipient": "cust-1"}), "not_found")
    promo_list = a_list()
    assert wrong_fields(hand_out(api, promo_list, "")) == {"recipient": "Use 1 to 255 characters."}
    assert "early" in wrong_fields(hand_out(api, promo_list, early=1))


def test_before_the_start_early_must_be_said() -> None:
    api, promo_list = Api(), a_list(starts_in=timedelta(days=1))
    a_batch(promo_list, 1)
    problem(hand_out(api, promo_list), "code_not_active")
    api.ok(hand_out(api, promo_list, early=True), 201)


def test_handouts_are_listed_newest_first_by_list_and_by_customer() -> None:
    api, promo_list, other = Api(), a_list(), a_list()
    for one in (promo_list, other):
        a_batch(one, 3)
    made = [api.ok(hand_out(api, promo_list, f"cust/{i}"), 201) for i in range(3)]
    made.append(api.ok(hand_out(api, other, "cust/0"), 201))
    path = f"/lists/{promo_list.public_id}/handouts"
    first = api.ok(api.get(path, limit=2))
    rest = api.ok(api.get(path, cursor=first["next"]))
    assert [*first["items"], *rest["items"]] == made[2::-1]
    assert rest["next"] is None
    of_customer = api.ok(api.get("/customers/cust/0/handouts"))
    assert of_customer == {"items": [made[3], made[0]], "next": None}
    wrong_fields(api.get("/customers/cust/1/handouts", cursor=first["next"]))


def test_a_code_says_to_whom_it_was_handed_out() -> None:
    api, promo_list = Api(), a_list()
    a_batch(promo_list, 1)
    made = api.ok(hand_out(api, promo_list), 201)
    read = api.ok(api.get(f"/codes/{made['code']}"))
    assert read["handed_out"] == {
        "recipient": "cust-1",
        "handed_out_at": made["handed_out_at"],
    }


def test_a_list_says_how_its_codes_are_handed_out() -> None:
    api = Api(Scope.MANAGE)
    plain = api.ok(api.post("/lists", new_list()), 201)
    usual = {"bound": False, "per_recipient": 1, "valid_days": None, "agents_per_day": None}
    assert plain["handout"] == usual
    asked = {"bound": True, "per_recipient": 2, "valid_days": 14, "agents_per_day": 20}
    assert api.ok(api.post("/lists", new_list(handout=asked)), 201)["handout"] == asked
    bound = api.ok(api.post("/lists", new_list(handout={"bound": True})), 201)
    assert bound["handout"] == usual | {"bound": True}
    shared = api.ok(api.post("/lists", new_list(type="multi_use", code="SpringSale")), 201)
    assert shared["handout"] is None
    path = f"/lists/{plain['id']}"
    assert wrong_fields(api.patch(path, {"handout": asked}), "field_locked").keys() == {"handout"}


@pytest.mark.parametrize(
    ("handout", "field"),
    [
        ({"per_recipient": 0}, "handout.per_recipient"),
        ({"per_recipient": 101}, "handout.per_recipient"),
        ({"valid_days": 0}, "handout.valid_days"),
        ({"valid_days": 3_651}, "handout.valid_days"),
        ({"agents_per_day": 1_001}, "handout.agents_per_day"),
        ({"bound": 1}, "handout.bound"),
        ({"days": 1}, "handout.days"),
    ],
)
def test_a_list_that_hands_out_in_no_possible_way_is_refused(
    handout: dict[str, Any], field: str
) -> None:
    assert wrong_fields(Api().post("/lists", new_list(handout=handout))).keys() == {field}


def test_a_multi_use_list_hands_out_nothing() -> None:
    asked = new_list(type="multi_use", code="SpringSale", handout={"bound": True})
    assert wrong_fields(Api().post("/lists", asked)).keys() == {"handout"}
