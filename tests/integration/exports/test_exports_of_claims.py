"""Exports of the claims of a list, in each format."""

import pytest

from promint.core import exports
from promint.core.claiming import reversal
from promint.core.exports import claim_rows
from promint.core.exports.files import FORMATS
from promint.core.lists import offers
from promint.core.models import AuditEntry, PromoList
from promint.core.rules import ListType, Refusal, Refused, limits
from promint.core.storage import vendor
from tests.bulk import make, sheets
from tests.factories import ACTOR, a_list, an_offer, claim, some_codes

HEADER = ["Code", "Customer", "Claimed at", "Reversed at", "Points", "Offers", "Tags"]


def exported(promo_list: PromoList, format: str = "csv") -> list[list[str]]:
    export = make(exports.request_claims(promo_list.public_id, format, ACTOR))
    (sheet,) = sheets(exports.path(export))
    assert export.rows == export.quantity == len(sheet) - 1
    return [row + [""] * (len(HEADER) - len(row)) for row in sheet]


def claimed(code: str, customer: str) -> str:
    made = claim(code, customer).claim
    assert made is not None
    return made.id


@pytest.mark.parametrize("format", FORMATS)
def test_every_claim_is_there_with_what_it_issued(format: str) -> None:
    coffee, tea = an_offer("Coffee"), an_offer("Tea")
    chosen = [coffee.public_id, tea.public_id]
    promo_list = a_list(offers=chosen, tags=["vip", "spring"])
    first, second, third, _ = some_codes(4, promo_list)
    returned = claimed(first, "=1+1")
    offers.change(coffee.public_id, {"name": "Espresso"}, ACTOR)
    claimed(second, "cust-2")
    claimed(third, "0049")
    done = reversal.reverse(returned, "returned", ACTOR, available_again=False)
    header, *rows = exported(promo_list, format)
    assert header == HEADER
    assert [row[0] for row in rows] == [first, second, third]
    assert [row[1].lstrip("'") for row in rows] == ["=1+1", "cust-2", "0049"]
    assert rows[0][2] < rows[1][2] < rows[2][2]
    assert rows[0][3] == f"{done.reversal.reversed_at:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert [row[3] for row in rows[1:]] == ["", ""]
    assert [row[4:] for row in rows] == [
        ["100", "Coffee; Tea", "vip; spring"],
        ["100", "Espresso; Tea", "vip; spring"],
        ["100", "Espresso; Tea", "vip; spring"],
    ]


def test_a_multi_use_lists_claims_are_exported_too() -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Spring Sale", points=None, tags=["x"])
    for i in range(3):
        claim("springsale", f"cust-{i}")
    rows = exported(promo_list)[1:]
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("Spring Sale", f"cust-{i}", "0") for i in range(3)
    ]


def test_later_claims_and_reversals_are_left_out() -> None:
    promo_list = a_list()
    first, second = some_codes(2, promo_list)
    made = claimed(first, "cust-1")
    export = exports.request_claims(promo_list.public_id, "csv", ACTOR)
    claimed(second, "cust-2")
    reversal.reverse(made, "returned", ACTOR, available_again=True)
    (sheet,) = sheets(exports.path(make(export)))
    assert [row[:2] + row[3:4] for row in sheet[1:]] == [[first, "cust-1", ""]]


def test_both_claims_of_a_code_that_was_available_again_are_there() -> None:
    promo_list = a_list()
    (code,) = some_codes(1, promo_list)
    reversal.reverse(claimed(code, "cust-1"), "returned", ACTOR, available_again=True)
    claimed(code, "cust-2")
    rows = exported(promo_list)[1:]
    assert [(row[0], row[1], bool(row[3])) for row in rows] == [
        (code, "cust-1", True),
        (code, "cust-2", False),
    ]


def test_steps_neither_lose_nor_repeat_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Many")
    for i in range(10):
        claim("Many", f"cust-{i}")

    class Small:
        export_step = 3

    assert vendor().export_step > 3
    monkeypatch.setattr(claim_rows, "vendor", Small)
    assert [row[1] for row in exported(promo_list)[1:]] == [f"cust-{i}" for i in range(10)]


def test_a_list_without_claims_gives_a_header_alone() -> None:
    assert exported(a_list()) == [HEADER]


def test_the_file_is_named_after_the_list_and_the_audit_log_says_what_was_exported() -> None:
    export = exports.request_claims(a_list(name="Spring").public_id, "xlsx", ACTOR)
    assert exports.file_name(export) == "Spring - claims.xlsx"
    entry = AuditEntry.objects.get(action="export.requested")
    assert (entry.after["what"], entry.after["format"]) == ("claims", "xlsx")


def test_more_claims_than_fit_do_not_go_into_an_xls(monkeypatch: pytest.MonkeyPatch) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Many")
    for i in range(2):
        claim("Many", f"cust-{i}")
    monkeypatch.setattr(limits, "XLS_CODES", 1)
    with pytest.raises(Refused) as refused:
        exports.request_claims(promo_list.public_id, "xls", ACTOR)
    assert refused.value.refusal is Refusal.TOO_MANY_FOR_XLS
    assert "at most 1 claims, and these are 2" in refused.value.detail
