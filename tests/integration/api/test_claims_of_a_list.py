"""The claims of a list over HTTP, and exports of them."""

from typing import Any

import pytest

from promint.accounts.roles import Scope
from promint.core.models import PromoList
from tests.api import Api, problem, wrong_fields
from tests.factories import a_batch, a_list, claim, some_codes


@pytest.fixture
def api() -> Api:
    return Api(Scope.MANAGE)


@pytest.fixture
def promo_list() -> PromoList:
    made = a_list()
    for i, code in enumerate(some_codes(5, made)):
        claim(code, f"cust-{i}")
    return made


def everything(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    page = api.ok(api.get(path, **query))
    found: list[dict[str, Any]] = page["items"]
    while page["next"]:
        page = api.ok(api.get(path, **query, cursor=page["next"]))
        found += page["items"]
    return found


def test_claims_come_newest_first_by_cursor(api: Api, promo_list: PromoList) -> None:
    path = f"/lists/{promo_list.public_id}/claims"
    found = everything(api, path, limit=2)
    assert [one["customer"] for one in found] == [f"cust-{i}" for i in (4, 3, 2, 1, 0)]
    assert all(one["list"] == promo_list.public_id for one in found)
    assert found[0] | {"reversed_at": None} == found[0]


def test_they_are_filtered_by_customer_code_and_time(api: Api, promo_list: PromoList) -> None:
    path = f"/lists/{promo_list.public_id}/claims"
    third = everything(api, path, customer="cust-2")
    assert [one["customer"] for one in third] == ["cust-2"]
    assert everything(api, path, code=third[0]["code"]) == third
    at = third[0]["claimed_at"]
    assert [one["customer"] for one in everything(api, path, since=at, limit=1)] == [
        "cust-4",
        "cust-3",
        "cust-2",
    ]
    assert len(everything(api, path, until=at)) == 2


def test_a_cursor_belongs_to_its_search(api: Api, promo_list: PromoList) -> None:
    path = f"/lists/{promo_list.public_id}/claims"
    cursor = api.ok(api.get(path, limit=2))["next"]
    other = f"/lists/{a_list().public_id}/claims"
    for answer in (
        api.get(path, cursor=cursor, customer="cust-1"),
        api.get(other, cursor=cursor),
        api.get(path, cursor="x"),
    ):
        assert set(wrong_fields(answer)) == {"cursor"}
    problem(api.get("/lists/lst_x/claims"), "not_found")
    for time in ("yesterday", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"):
        assert set(wrong_fields(api.get(path, since=time))) == {"since"}
    assert set(wrong_fields(api.get(path, customer="a\tb"))) == {"customer"}


def test_claims_are_exported(api: Api, promo_list: PromoList) -> None:
    asked = {"list": promo_list.public_id, "what": "claims", "format": "csv"}
    export = api.ok(api.post("/exports", asked), 202)
    assert (export["what"], export["quantity"], export["batch"]) == ("claims", 5, None)
    codes = api.ok(api.post("/exports", {"list": promo_list.public_id, "format": "csv"}), 202)
    assert codes["what"] == "codes"


def test_an_export_of_claims_is_of_a_list_and_not_limited(api: Api, promo_list: PromoList) -> None:
    batch = a_batch(promo_list).public_id
    asked = {"list": promo_list.public_id, "what": "claims", "format": "csv"}
    assert set(wrong_fields(api.post("/exports", asked | {"status": "claimed"}))) == {"status"}
    without = {"batch": batch, "what": "claims", "format": "csv"}
    assert set(wrong_fields(api.post("/exports", without))) == {"batch", "list"}
    assert set(wrong_fields(api.post("/exports", asked | {"what": "x"}))) == {"what"}
