"""Wrong values in every field of every operation: the problem names the field, and nothing is
done."""

from typing import Any

import pytest

from promint.core.models import AuditEntry, Batch, Offer, PromoList
from promint.core.rules import limits
from tests.api import Api, new_list, problem, wrong_fields
from tests.factories import a_batch, a_code, a_list

NO_TEXT = [None, 1, 1.5, True, [], {}, ["x"]]
NO_NUMBER = ["100", "", True, False, 1.5, [], {}, 10**400]
NO_LIST = [None, "x", 1, True, {}]
NO_OBJECT = [None, "x", 1, True, []]
NO_LINE = ["a\x00b", "a\nb", "a\x7fb", "a\u2028b", "\ud800"]
NO_TIME = [
    *NO_TEXT,
    "",
    "tomorrow",
    "2026-11-01",
    "2026-11-01T00:00:00",
    "2026-11-01T00:00:00+25:00",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-11-01T00:00:60Z",
    "2026-11-01T00:00Z",
    "1999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "２026-11-01T00:00:00Z",
    "2026-11-01T00:00:00Z\x00",
    "2026-11-01T00:00:00\ud800",
]


def name(most: int, least: int = 1) -> list[Any]:
    return [*NO_TEXT, *NO_LINE, "x" * (most + 1), *(["", "  "] if least else [])]


def number(most: int, *, nullable: bool = False) -> list[Any]:
    return [*NO_NUMBER, 0, -1, most + 1, *([] if nullable else [None])]


ADDRESSES = [
    *NO_LIST,
    *([wrong] for wrong in NO_TEXT),
    ["ops"],
    ["a@b@c"],
    ["a\x00@example.com"],
    ["ops@example.com\nBcc: x@example.com"],
    ["\ud800@example.com"],
    ["ops@example.com"] * (limits.NOTIFY_ADDRESSES + 1),
    ["a" * limits.ADDRESS_CHARACTERS + "@example.com"],
]
LIST_FIELDS: dict[str, list[Any]] = {
    "name": name(limits.NAME_CHARACTERS),
    "type": [*NO_TEXT, "", "single", "SINGLE_USE", "single_use\x00", "\ud800"],
    "starts_at": NO_TIME,
    "ends_at": [*NO_TIME, "2026-11-01T00:00:00Z", "2026-10-31T23:59:59Z"],
    "timezone": [*NO_TEXT, "", "Mars", "UTC\x00", "../UTC", "europe/paris ", "\ud800"],
    "entry_cap": number(limits.ENTRY_CAP_CLAIMS, nullable=True),
    "outcomes": [*NO_OBJECT, {}, {"offers": []}, {"tags": []}, {"offers": [], "tags": []}],
    "outcomes.points": number(limits.POINTS),
    "outcomes.offers": [
        *NO_LIST,
        *([wrong] for wrong in NO_TEXT),
        ["off_0000000000000"],
        ["lst_0000000000000"],
        [""],
        ["\x00"],
        ["\ud800"],
        ["off_0000000000000"] * (limits.OFFERS_OF_A_LIST + 1),
    ],
    "outcomes.tags": [
        *NO_LIST,
        *([wrong] for wrong in name(limits.TAG_CHARACTERS)),
        ["x"] * (limits.TAGS_OF_A_LIST + 1),
    ],
    "outcomes.x": [1],
    "code": ["SpringSale", "", 1, [], {}, True, "\ud800"],
    "code_format": ["x", 1, True, []],
    "code_format.length": [*NO_NUMBER, None, 7, 33, 0, -8],
    "code_format.prefix": [*NO_TEXT, "spr", "S P", "A" * 13, "Ä", "S\x00", "\ud800"],
    "code_format.x": [1],
    "x": [1, None],
    "id": ["lst_0000000000000"],
}
MULTI_USE_FIELDS: dict[str, list[Any]] = {
    "code": [
        *NO_TEXT,
        *NO_LINE,
        "",
        "ab",
        "a" * 65,
        "ÄÖÜ",
        "spring/sale",
        "-" * 198 + "abc",
        "spring\u0130sale",
    ],
    "code_format": [{}, {"length": 12}, {"prefix": "SPR"}],
}
OFFER_FIELDS: dict[str, list[Any]] = {
    "name": name(limits.NAME_CHARACTERS),
    "description": [
        *NO_TEXT,
        "x" * (limits.OFFER_DESCRIPTION_CHARACTERS + 1),
        "a\x00b",
        "\ud800",
    ],
    "x": [1],
}
BATCH_FIELDS: dict[str, list[Any]] = {
    "quantity": number(limits.BATCH_CODES),
    "name": name(limits.BATCH_NAME_CHARACTERS, least=0),
    "notify": ADDRESSES,
    "x": [1],
}
EDIT_FIELDS: dict[str, list[Any]] = {
    "name": LIST_FIELDS["name"],
    "ends_at": [*NO_TIME, "2000-01-01T00:00:00Z"],
    "entry_cap": number(limits.ENTRY_CAP_CLAIMS, nullable=True),
}
REASONS: dict[str, list[Any]] = {
    "reason": [*NO_TEXT, "a\x00b", "\ud800", "x" * (limits.REASON_CHARACTERS + 1)],
    "x": [1],
}


def cases(fields: dict[str, list[Any]]) -> Any:
    every = [(field, wrong) for field, values in fields.items() for wrong in values]
    ids = [f"{field}-{i}" for i, (field, _) in enumerate(every)]
    return pytest.mark.parametrize(("field", "wrong"), every, ids=ids)


def with_field(body: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    """A copy in which the field, a path like "outcomes.points", has this value."""
    first, _, rest = field.partition(".")
    if rest:
        value = with_field(body.get(first) or {}, rest, value)
    return {**body, first: value}


@pytest.fixture
def api() -> Api:
    return Api()


@cases(LIST_FIELDS)
def test_a_list_is_refused(api: Api, field: str, wrong: Any) -> None:
    assert field in wrong_fields(api.post("/lists", with_field(new_list(), field, wrong)))
    assert not PromoList.objects.exists()


@cases(MULTI_USE_FIELDS)
def test_a_multi_use_list_is_refused(api: Api, field: str, wrong: Any) -> None:
    body = new_list(type="multi_use", code="SpringSale")
    assert field in wrong_fields(api.post("/lists", with_field(body, field, wrong)))
    assert not PromoList.objects.exists()


@cases(OFFER_FIELDS)
def test_an_offer_is_refused(api: Api, field: str, wrong: Any) -> None:
    response = api.post("/offers", with_field({"name": "Tea"}, field, wrong))
    assert field in wrong_fields(response)
    assert not Offer.objects.exists()


@cases(BATCH_FIELDS)
def test_a_batch_is_refused(api: Api, field: str, wrong: Any) -> None:
    path = f"/lists/{a_list().public_id}/batches"
    assert field in wrong_fields(api.post(path, with_field({"quantity": 1}, field, wrong)))
    assert not Batch.objects.exists()


@cases(EDIT_FIELDS)
def test_an_edit_is_refused(api: Api, field: str, wrong: Any) -> None:
    path = f"/lists/{a_list().public_id}"
    before = api.ok(api.get(path))
    changes = {"name": "New", "entry_cap": 7}
    assert field in wrong_fields(api.patch(path, with_field(changes, field, wrong)))
    assert api.ok(api.get(path)) == before


def test_a_field_that_no_list_has_is_locked_whatever_its_name(api: Api) -> None:
    path = f"/lists/{a_list().public_id}"
    for name in ("x\x00", "é" * 10_000, "outcomes.points"):
        assert set(wrong_fields(api.patch(path, {name: None}), "field_locked")) == {name}


@pytest.mark.parametrize("name", ["\ud800", "a\udfffb"])
def test_a_field_whose_name_is_no_text_is_refused(api: Api, name: str) -> None:
    path = f"/lists/{a_list().public_id}"
    for response in (api.patch(path, {name: 1}), api.post("/offers", {"name": "Tea", name: 1})):
        assert wrong_fields(response)


@cases(REASONS)
def test_a_cancellation_is_refused(api: Api, field: str, wrong: Any) -> None:
    code = a_code()
    assert field in wrong_fields(api.post(f"/codes/{code}/cancel", {field: wrong}))
    assert api.ok(api.get(f"/codes/{code}"))["status"] == "available"


@pytest.mark.parametrize(
    ("path", "field"),
    [("/offers", "name"), *(("/lists", field) for field in new_list())],
)
def test_a_field_that_is_needed_is_missed(api: Api, path: str, field: str) -> None:
    body = new_list() if path == "/lists" else {"name": "Tea"}
    del body[field]
    assert wrong_fields(api.post(path, body)) == {field: "This field is required."}


def test_every_wrong_field_is_named_at_once(api: Api) -> None:
    body = new_list(name=5, outcomes={"points": "1", "tags": [1]}, x=1)
    fields = wrong_fields(api.post("/lists", body))
    assert set(fields) == {"name", "outcomes.points", "outcomes.tags", "x"}


BODIES = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"1",
    b"{",
    b"{}{}",
    b"{'name': 'x'}",
    b'{"name": NaN}',
    b'{"name": Infinity}',
    b'{"name": "\xff"}',
    b'\xef\xbb\xbf{"name": "x"}',
    '{"name": "x"}'.encode("utf-16"),
    b"[" * 60_000,
    b'{"name": ' * 6_000,
    b'{"name": %b}' % (b"1" * 60_000),
    b"\x00",
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_what_is_no_json_object_is_refused_as_a_whole(api: Api, body: bytes) -> None:
    promo_list = a_list()
    code = a_code()
    entries = AuditEntry.objects.count()
    for method, path in [
        ("POST", "/offers"),
        ("POST", "/lists"),
        ("PATCH", f"/lists/{promo_list.public_id}"),
        ("POST", f"/lists/{promo_list.public_id}/batches"),
        ("POST", f"/codes/{code}/cancel"),
    ]:
        if body == b"" and path.endswith("/cancel"):
            continue  # a cancellation may have no body
        assert "body" in wrong_fields(api.send(method, path, body)), path
    assert AuditEntry.objects.count() == entries


PARAMETERS: dict[str, list[str]] = {
    "limit": ["0", "-1", "1001", "x", "", "1.0", "1e3", "+5", " 5", "1_0", "٣", "9" * 5000, "\x00"],
    "offset": ["-1", "x", "", "1.5", "9" * 5000, "10000000000"],
    "search": ["\x00", "a\nb", "x" * 201],
    "type": ["single", "SINGLE_USE", "single_use\x00", "é"],
    "status": ["done", "Active", "\x00"],
    "sort": ["id", "--name", "name,type", "-", "search_text", "\x00"],
}


@cases(PARAMETERS)
def test_a_parameter_of_the_lists_is_refused(api: Api, field: str, wrong: str) -> None:
    assert field in wrong_fields(api.get("/lists", **{field: wrong}))


@cases({name: PARAMETERS[name] for name in ("limit", "offset")})
def test_a_page_of_offers_or_batches_is_refused(api: Api, field: str, wrong: str) -> None:
    promo_list = a_list()
    for path in ("/offers", f"/lists/{promo_list.public_id}/batches"):
        assert field in wrong_fields(api.get(path, **{field: wrong}))


@cases({"limit": PARAMETERS["limit"], "cursor": ["x", "\x00", "é", "A" * 5000, "gAAAA"]})
def test_a_page_of_codes_or_claims_is_refused(api: Api, field: str, wrong: str) -> None:
    batch = a_batch(a_list(), 1)
    for path in (f"/batches/{batch.public_id}/codes", "/customers/cust-42/claims"):
        assert field in wrong_fields(api.get(path, **{field: wrong}))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("state=active", {"state": "There is no such parameter."}),
        ("limit=1&limit=2", {"limit": "Send this parameter once."}),
        ("search=Caf%E9", {"search": "Send this text as UTF-8."}),
        ("state=x&limit=1&limit=1", {"state": "There is no such parameter.",
                                     "limit": "Send this parameter once."}),
    ],
)  # fmt: skip
def test_a_parameter_that_would_count_for_nothing_is_refused(
    api: Api, query: str, said: dict[str, str]
) -> None:
    assert wrong_fields(api.get(f"/lists?{query}")) == said


def test_every_page_of_something_refuses_unknown_parameters(api: Api) -> None:
    promo_list = a_list()
    batch, of = a_batch(promo_list, 1), f"/lists/{promo_list.public_id}"
    pages = ["/offers", "/lists", "/webhooks", "/cancellations", "/customers/cust-42/claims"]
    pages += ["/customers/cust-42/handouts", f"/batches/{batch.public_id}/codes"]
    pages += [f"{of}/{what}" for what in ("batches", "codes", "claims", "handouts")]
    for page in [*pages, f"{of}/handouts/bulk"]:
        assert set(wrong_fields(api.get(page, page="2"))) == {"page"}, page


def test_a_flood_of_parameters_is_refused(api: Api) -> None:
    problem(api.get("/lists", **{f"p{i}": "1" for i in range(600)}), "invalid_request")
