"""Offers and lists over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from promint.accounts.models import ApiKey
from promint.core import lists
from promint.core.models import AuditEntry, PromoList
from promint.core.rules.rules import ListType
from tests.api import Api, new_list, problem, wrong_fields
from tests.factories import a_batch, a_list, an_offer, claim, shown_codes

MULTI = ListType.MULTI_USE
HOUR = timedelta(hours=1)


@pytest.fixture
def api() -> Api:
    return Api()


def test_an_offer_is_created_and_listed(api: Api) -> None:
    made = api.ok(api.post("/offers", {"name": " Free coffee ", "description": "Any\nsize"}), 201)
    assert made["id"].startswith("off_")
    assert (made["name"], made["description"]) == ("Free coffee", "Any\nsize")
    assert datetime.fromisoformat(made["created_at"]).tzinfo == UTC
    assert api.ok(api.get("/offers")) == {"items": [made], "count": 1}


def test_an_offer_needs_no_description(api: Api) -> None:
    assert api.ok(api.post("/offers", {"name": "Tea"}), 201)["description"] == ""


def test_a_single_use_list_reads_as_it_was_created(api: Api) -> None:
    offer = an_offer("Free coffee")
    outcomes = {"points": 100, "offers": [offer.public_id], "tags": ["spring"]}
    asked = new_list(
        timezone="Europe/Paris",
        entry_cap=1000,
        outcomes=outcomes,
        code_format={"length": 10, "prefix": "SPR"},
        handout={"bound": True, "per_recipient": 2, "valid_days": 7, "agents_per_day": 20},
    )
    made = api.ok(api.post("/lists", asked), 201)
    assert made.pop("id").startswith("lst_")
    assert made.pop("created_at").endswith("Z")
    assert made.pop("status") in ("pending", "active", "completed")
    assert made == asked | {
        "claim_count": 0,
        "code_count": 0,
        "code": None,
        "customer_messages": {},
        "archived": False,
        "outcomes": outcomes | {"offers": [{"id": offer.public_id, "name": "Free coffee"}]},
    }


def test_a_list_has_defaults(api: Api) -> None:
    made = api.ok(api.post("/lists", new_list()), 201)
    assert (made["timezone"], made["entry_cap"]) == ("UTC", None)
    assert made["code_format"] == {"length": 12, "prefix": ""}
    assert made["outcomes"] == {"points": 100, "offers": [], "tags": []}


def test_a_multi_use_list_has_its_code_at_once(api: Api) -> None:
    asked = new_list(type="multi_use", code=" Spring-Sale ", outcomes={"tags": ["spring"]})
    made = api.ok(api.post("/lists", asked), 201)
    assert (made["code"], made["code_count"], made["code_format"]) == ("Spring-Sale", 1, None)
    assert made["outcomes"] == {"points": 0, "offers": [], "tags": ["spring"]}
    assert api.ok(api.get("/codes/springsale"))["list"] == made["id"]


def test_times_of_any_offset_are_read_and_utc_is_answered(api: Api) -> None:
    asked = new_list(starts_at="2026-11-01T01:30:00.000001+01:30", ends_at="2026-12-01t00:00:00z")
    made = api.ok(api.post("/lists", asked), 201)
    assert made["starts_at"] == "2026-11-01T00:00:00.000001Z"
    assert made["ends_at"] == "2026-12-01T00:00:00Z"


def test_what_a_list_reads_as_can_be_sent_for_another(api: Api) -> None:
    first = api.ok(api.post("/lists", new_list()), 201)
    fields = [*new_list(), "timezone", "entry_cap", "code", "code_format"]
    copy = {name: first[name] for name in fields}
    api.ok(api.post("/lists", copy), 201)


def test_a_code_that_exists_makes_no_second_list(api: Api) -> None:
    a_list(MULTI, code="SpringSale")
    response = api.post("/lists", new_list(type="multi_use", code="spring sale"))
    assert "code" in wrong_fields(response, "code_exists")
    assert PromoList.objects.count() == 1


def test_a_list_is_read(api: Api) -> None:
    promo_list = a_list()
    codes = shown_codes(a_batch(promo_list, 3))
    claim(codes[0])
    read = api.ok(api.get(f"/lists/{promo_list.public_id}"))
    assert (read["status"], read["code_count"], read["claim_count"]) == ("active", 3, 1)


@pytest.mark.parametrize("list_id", ["lst_0000000000000", "lst_x", "off_0000000000000", "%00"])
def test_an_unknown_list_is_not_found(api: Api, list_id: str) -> None:
    problem(api.get(f"/lists/{list_id}"), "not_found")
    problem(api.patch(f"/lists/{list_id}", {"name": "New"}), "not_found")
    problem(api.get(f"/lists/{list_id}/batches"), "not_found")
    problem(api.post(f"/lists/{list_id}/batches", {"quantity": 1}), "not_found")


def names(api: Api, **query: Any) -> list[str]:
    return [item["name"] for item in api.ok(api.get("/lists", **query))["items"]]


def test_lists_are_searched_filtered_and_sorted(api: Api) -> None:
    a_list(name="Autumn", starts_in=HOUR)
    a_list(MULTI, name="Winter")
    a_list(name="Spring", starts_in=-2 * HOUR, ends_in=-HOUR)
    assert names(api, search="WINT") == ["Winter"]
    assert names(api, search="multi use") == ["Winter"]
    assert names(api, type="multi_use") == ["Winter"]
    assert names(api, status="pending") == ["Autumn"]
    assert names(api, status="completed") == ["Spring"]
    assert names(api, sort="name") == ["Autumn", "Spring", "Winter"]
    assert names(api, sort="-name") == ["Winter", "Spring", "Autumn"]
    assert len(names(api, search="", type="", status="", sort="")) == 3


@pytest.mark.parametrize("sort", lists.SORTS)
def test_every_column_sorts_both_ways(api: Api, sort: str) -> None:
    a_list(name="One", entry_cap=5)
    a_list(MULTI, name="Two", starts_in=-HOUR, ends_in=HOUR)
    upwards = names(api, sort=sort)
    assert sorted(upwards) == ["One", "Two"]
    if sort not in ("status", "claim_count"):  # these are equal for both lists
        assert names(api, sort=f"-{sort}") == upwards[::-1]


def test_a_page_of_lists_tells_how_many_there_are(api: Api) -> None:
    for name in ("A", "B", "C"):
        a_list(name=name)
    page = api.ok(api.get("/lists", sort="name", limit=2, offset=2))
    assert [item["name"] for item in page["items"]] == ["C"]
    assert page["count"] == 3


def test_by_creation_no_list_comes_on_two_pages_though_one_is_made_meanwhile(api: Api) -> None:
    for name in ("C", "B"):
        a_list(name=name)
    first = names(api, sort="created_at", limit=1)
    a_list(name="A")
    assert first + names(api, sort="created_at", limit=2, offset=1) == ["C", "B", "A"]


def test_name_end_and_cap_are_edited(api: Api) -> None:
    promo_list = a_list(entry_cap=5)
    changes = {"name": "New", "ends_at": "2099-01-01T00:00:00Z", "entry_cap": None}
    edited = api.ok(api.patch(f"/lists/{promo_list.public_id}", changes))
    assert {name: edited[name] for name in changes} == changes
    assert api.ok(api.get(f"/lists/{promo_list.public_id}")) == edited


def test_what_is_not_sent_stays(api: Api) -> None:
    promo_list = a_list(entry_cap=5)
    path = f"/lists/{promo_list.public_id}"
    before = api.ok(api.get(path))
    assert api.ok(api.patch(path, {})) == before
    assert api.ok(api.patch(path, {"name": "New"})) == before | {"name": "New"}


def test_a_later_end_makes_a_completed_list_active_again(api: Api) -> None:
    promo_list = a_list(starts_in=-2 * HOUR, ends_in=-HOUR)
    path = f"/lists/{promo_list.public_id}"
    assert api.ok(api.get(path))["status"] == "completed"
    assert api.ok(api.patch(path, {"ends_at": "2099-01-01T00:00:00Z"}))["status"] == "active"


@pytest.mark.parametrize(
    "field", ["type", "starts_at", "timezone", "code", "outcomes", "code_format", "id", "x", ""]
)
def test_any_other_field_is_locked(api: Api, field: str) -> None:
    promo_list = a_list()
    changes = {"name": "New", field: "multi_use"}
    response = api.patch(f"/lists/{promo_list.public_id}", changes)
    assert set(wrong_fields(response, "field_locked")) == {field}
    promo_list.refresh_from_db()
    assert promo_list.name == "Spring"


def test_the_cap_cannot_go_below_the_claims(api: Api) -> None:
    promo_list = a_list(entry_cap=5)
    for code in shown_codes(a_batch(promo_list, 2)):
        claim(code)
    path = f"/lists/{promo_list.public_id}"
    response = api.patch(path, {"entry_cap": 1})
    assert "entry_cap" in wrong_fields(response, "cap_below_claims")
    assert api.ok(api.patch(path, {"entry_cap": 2}))["status"] == "completed"


def test_a_list_without_codes_is_deleted_and_one_with_codes_is_not(api: Api) -> None:
    mistake, used = a_list(), a_list()
    a_batch(used)
    gone = api.send("DELETE", f"/lists/{mistake.public_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    problem(api.get(f"/lists/{mistake.public_id}"), "not_found")
    problem(api.send("DELETE", f"/lists/{mistake.public_id}"), "not_found")
    refused = problem(api.send("DELETE", f"/lists/{used.public_id}"), "list_in_use")
    assert refused["status"] == 409
    assert "has codes" in refused["detail"]


def test_an_archived_list_is_left_out_unless_it_is_asked_for(api: Api) -> None:
    kept, old = a_list(name="Kept"), a_list(name="Old")
    read = api.ok(api.post(f"/lists/{old.public_id}/archive"))
    assert (read["id"], read["archived"], read["status"]) == (old.public_id, True, "active")
    assert names(api) == ["Kept"]
    assert names(api, archived="true") == ["Old"]
    assert names(api, archived="true", search="kept") == []
    assert api.ok(api.get(f"/lists/{kept.public_id}"))["archived"] is False
    assert api.ok(api.post(f"/lists/{old.public_id}/unarchive"))["archived"] is False
    assert sorted(names(api)) == ["Kept", "Old"]


def test_the_audit_log_names_the_key(api: Api) -> None:
    made = api.ok(api.post("/lists", new_list()), 201)
    api.ok(api.patch(f"/lists/{made['id']}", {"name": "New"}))
    entries = AuditEntry.objects.filter(subject=made["id"])
    assert {(entry.actor, entry.action) for entry in entries} == {
        (f"key:{ApiKey.objects.get(name='Till').public_id}", "list.created"),
        (f"key:{ApiKey.objects.get(name='Till').public_id}", "list.edited"),
    }


def test_an_edit_for_another_version_is_refused_and_says_so(api: Api) -> None:
    path = f"/lists/{a_list(entry_cap=10).public_id}"
    read = api.get(path).headers["ETag"]
    first = api.send("PATCH", path, {"entry_cap": 20}, HTTP_IF_MATCH=read)
    assert first.status_code == 200
    assert first.headers["ETag"] == api.get(path).headers["ETag"] != read
    late = api.send("PATCH", path, {"entry_cap": 30}, HTTP_IF_MATCH=read)
    assert late.status_code == 412
    problem(late, "changed_meanwhile")
    for any_of in ("*", f'"0123456789abcdef", {first.headers["ETag"]}'):
        assert api.send("PATCH", path, {"name": "New"}, HTTP_IF_MATCH=any_of).status_code == 200
        api.patch(path, {"name": "Spring"})


def test_claims_leave_the_version_as_it_is(api: Api) -> None:
    promo_list = a_list(MULTI, code="Once")
    path = f"/lists/{promo_list.public_id}"
    read = api.get(path).headers["ETag"]
    claim("once")
    assert api.get(path).headers["ETag"] == read
