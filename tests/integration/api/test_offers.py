"""Offers over HTTP: read, renamed, described, retired."""

import pytest

from promint.accounts.roles import Scope
from tests.api import Api, new_list, problem, wrong_fields
from tests.factories import a_list, an_offer, claim, some_codes


@pytest.fixture
def api() -> Api:
    return Api(Scope.MANAGE, Scope.CLAIM)


def test_an_offer_is_read_and_changed(api: Api) -> None:
    made = api.ok(api.post("/offers", {"name": "Coffee"}), 201)
    assert made["retired"] is False
    path = f"/offers/{made['id']}"
    assert api.ok(api.get(path)) == made
    changes = {"name": "Tea", "description": "Any size", "retired": True}
    assert api.ok(api.patch(path, changes)) == made | changes
    assert api.ok(api.patch(path, {})) == made | changes
    assert api.ok(api.get("/offers"))["items"] == [made | changes]


def test_what_is_wrong_is_named_and_changes_nothing(api: Api) -> None:
    path = f"/offers/{an_offer('Coffee').public_id}"
    assert set(wrong_fields(api.patch(path, {"name": "", "retired": "no"}))) >= {"retired"}
    assert set(wrong_fields(api.patch(path, {"name": ""}))) == {"name"}
    assert set(wrong_fields(api.patch(path, {"colour": "red"}))) == {"colour"}
    assert api.ok(api.get(path))["name"] == "Coffee"
    for answer in (api.get("/offers/off_x"), api.patch("/offers/off_x", {"name": "x"})):
        problem(answer, "not_found")


def test_a_new_list_cannot_issue_a_retired_offer(api: Api) -> None:
    offer = an_offer("Coffee")
    api.ok(api.patch(f"/offers/{offer.public_id}", {"retired": True}))
    asked = new_list(outcomes={"offers": [offer.public_id]})
    wrong = wrong_fields(api.post("/lists", asked))
    assert set(wrong) == {"outcomes.offers"}
    assert "retired" in wrong["outcomes.offers"]


def test_claims_and_customers_have_the_name_as_it_was_issued(api: Api) -> None:
    offer = an_offer("Coffee")
    code, later = some_codes(2, a_list(offers=[offer.public_id]))
    made = claim(code).claim
    assert made is not None
    api.ok(api.patch(f"/offers/{offer.public_id}", {"name": "Tea"}))
    claim(later)
    read = api.ok(api.get(f"/claims/{made.id}"))
    assert [one["name"] for one in read["outcomes"]["offers"]] == ["Coffee"]
    profile = api.ok(api.get("/customers/cust-1"))
    assert [one["name"] for one in profile["offers"]] == ["Coffee", "Tea"]
