"""Claims and customers, read over HTTP."""

from urllib.parse import quote

import pytest

from promint.accounts.roles import Scope
from promint.core.models import Offer
from promint.core.rules.rules import ListType
from tests.api import Api, problem, wrong_fields
from tests.factories import a_code, a_list, an_offer, claim, some_codes


@pytest.fixture
def api() -> Api:
    return Api(Scope.CLAIM)


def test_a_claim_is_read(api: Api) -> None:
    offer = an_offer("Free coffee")
    promo_list = a_list(offers=[offer.public_id], tags=["spring"])
    (code,) = some_codes(1, promo_list)
    made = claim(code.lower(), "cust-42").claim
    assert made is not None
    read = api.ok(api.get(f"/claims/{made.id}"))
    assert read == {
        "id": made.id,
        "code": code,
        "customer": "cust-42",
        "list": promo_list.public_id,
        "reversed_at": None,
        "claimed_at": made.claimed_at.isoformat().replace("+00:00", "Z"),
        "outcomes": {
            "points": 100,
            "offers": [{"id": offer.public_id, "name": "Free coffee"}],
            "tags": ["spring"],
        },
    }


@pytest.mark.parametrize("claim_id", ["clm_" + "0" * 32, "x", "%00", "%ED%A0%80", "x" * 5000])
def test_an_unknown_claim_is_not_found(api: Api, claim_id: str) -> None:
    problem(api.get(f"/claims/{claim_id}"), "not_found")


def test_a_profile_adds_up_what_was_issued(api: Api) -> None:
    offer = an_offer("Free coffee")
    for points in (100, 20):
        promo_list = a_list(points=points, offers=[offer.public_id], tags=["spring"])
        claim(some_codes(1, promo_list)[0], "cust-42")
    profile = api.ok(api.get("/customers/cust-42"))
    issued = profile.pop("offers")
    assert profile == {
        "customer": "cust-42",
        "points": 120,
        "tags": ["spring"],
        "claim_count": 2,
    }
    assert [(one["id"], one["name"]) for one in issued] == [(offer.public_id, "Free coffee")] * 2
    assert issued[0]["issued_at"] < issued[1]["issued_at"]


def test_someone_who_never_claimed_has_nothing(api: Api) -> None:
    assert api.ok(api.get("/customers/nobody")) == {
        "customer": "nobody",
        "points": 0,
        "offers": [],
        "tags": [],
        "claim_count": 0,
    }
    assert api.ok(api.get("/customers/nobody/claims")) == {"items": [], "next": None}


def test_the_claims_of_a_customer_are_read_by_cursor_newest_first(api: Api) -> None:
    made = [claim(code, "cust-42").claim for code in some_codes(5)]
    claim(a_code(), "cust-43")
    read, cursor = [], ""
    while cursor is not None:
        page = api.ok(api.get("/customers/cust-42/claims", limit=2, cursor=cursor))
        read += page["items"]
        cursor = page["next"]
    assert [one["id"] for one in read] == [one.id for one in reversed(made) if one is not None]


@pytest.mark.parametrize(
    "customer", ["a", "a/b", "/a", "a b+c", "ü€😀", "a.json", "%41", "x" * 255]
)
def test_an_id_is_kept_as_sent(api: Api, customer: str) -> None:
    code = f"Multi{Offer.objects.count()}"
    a_list(ListType.MULTI_USE, code=code)
    claim(code, customer)
    profile = api.ok(api.get(f"/customers/{quote(customer)}"))
    assert (profile["customer"], profile["claim_count"]) == (customer, 1)
    (one,) = api.ok(api.get(f"/customers/{quote(customer)}/claims"))["items"]
    assert one["customer"] == customer


@pytest.mark.parametrize("sent", ["%00", "a%0Ab", "a%7F", "a%C2%85", "x" * 256, "ü" * 256])
def test_an_id_that_cannot_be_one_is_refused(api: Api, sent: str) -> None:
    assert "customer" in wrong_fields(api.get(f"/customers/{sent}"))
    assert "customer" in wrong_fields(api.get(f"/customers/{sent}/claims"))


def test_the_cursor_of_one_customer_is_not_that_of_another(api: Api) -> None:
    for code in some_codes(2):
        claim(code, "cust-42")
    cursor = api.ok(api.get("/customers/cust-42/claims", limit=1))["next"]
    assert "cursor" in wrong_fields(api.get("/customers/cust-43/claims", cursor=cursor))
