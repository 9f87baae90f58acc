"""What is wrong with a list that somebody wants to create, by field."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promint.core.rules.new_list import NewList, problems
from promint.core.rules.rules import ListType

START = datetime(2026, 11, 1, tzinfo=UTC)
SINGLE = NewList("Spring", ListType.SINGLE_USE, START, START + timedelta(days=30), points=100)
MULTI = replace(SINGLE, type=ListType.MULTI_USE, code="SpringSale")
THIRD = replace(SINGLE, type=ListType.THIRD_PARTY)


@pytest.mark.parametrize("new", [SINGLE, MULTI, THIRD])
def test_a_list_with_a_name_a_window_and_an_outcome_is_good(new: NewList) -> None:
    assert problems(new) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 200},
        {"points": None, "tags": ["spring"]},
        {"points": None, "offers": ["off_1"]},
        {"points": 1_000_000_000},
        {"entry_cap": 1},
        {"entry_cap": 10**12},
        {"code_length": 8, "code_prefix": ""},
        {"code_length": 32, "code_prefix": "ABCDEFGHIJ12"},
        {"ends_at": START + timedelta(microseconds=1)},
    ],
)
def test_what_lies_at_a_limit_is_good(changes: dict[str, object]) -> None:
    assert problems(replace(SINGLE, **changes)) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"timezone": "Mars/Phobos"}, "timezone"),
        ({"starts_at": START.replace(tzinfo=None)}, "starts_at"),
        ({"ends_at": START}, "ends_at"),
        ({"ends_at": START - timedelta(days=1)}, "ends_at"),
        ({"entry_cap": 0}, "entry_cap"),
        ({"entry_cap": 10**12 + 1}, "entry_cap"),
        ({"points": None}, "outcomes"),
        ({"points": 0}, "outcomes.points"),
        ({"points": 1_000_000_001}, "outcomes.points"),
        ({"offers": ["off"] * 51}, "outcomes.offers"),
        ({"tags": ["x" * 65]}, "outcomes.tags"),
        ({"code": "SpringSale"}, "code"),
        ({"code_length": 7}, "code_format.length"),
        ({"code_length": 33}, "code_format.length"),
        ({"code_prefix": "spr"}, "code_format.prefix"),
    ],
)
def test_the_field_that_is_wrong_is_named(changes: dict[str, object], field: str) -> None:
    assert list(problems(replace(SINGLE, **changes))) == [field]  # type: ignore[arg-type]


def test_a_code_for_many_is_required_for_multi_use_and_must_be_possible() -> None:
    assert list(problems(replace(MULTI, code=None))) == ["code"]
    assert list(problems(replace(MULTI, code="Ä!"))) == ["code"]


@pytest.mark.parametrize("new", [MULTI, THIRD])
def test_only_generated_codes_have_a_format(new: NewList) -> None:
    assert list(problems(replace(new, code_length=12))) == ["code_format"]
    assert list(problems(replace(new, code_prefix="SPR"))) == ["code_format"]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    new = replace(SINGLE, name="", ends_at=START, points=None, code="X")
    assert set(problems(new)) == {"name", "ends_at", "outcomes", "code"}
