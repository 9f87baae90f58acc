"""What the owner of a list is warned of."""

from datetime import UTC, datetime, timedelta

import pytest

from promint.core.rules import Stock, warnings_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
SOON = NOW + timedelta(days=3)


@pytest.mark.parametrize(
    ("stock", "ends_at", "names"),
    [
        (Stock(79, 100), LATER, []),
        (Stock(80, 100), LATER, ["cap_near"]),
        (Stock(99, 100, 100), LATER, ["cap_near", "low_stock"]),
        (Stock(100, 100, 100), SOON, ["cap_reached"]),
        (Stock(0, None, 0), SOON, []),
        (Stock(89, None, 100), LATER, []),
        (Stock(5, None, 100, 3, 87), LATER, ["low_stock"]),
        (Stock(10, None, 100), SOON, ["ends_soon"]),
        (Stock(10, None, 100), SOON + timedelta(seconds=1), []),
        (Stock(60, None, 100, 40), SOON, ["low_stock"]),
        (Stock(10, None), SOON, ["ends_soon"]),
        (Stock(100, 100, 100), NOW, []),
    ],
)
def test_warnings(stock: Stock, ends_at: datetime, names: list[str]) -> None:
    assert [one.warning.value for one in warnings_of(stock, ends_at, NOW)] == names


def test_sentences_have_the_numbers() -> None:
    told = [one.sentence for one in warnings_of(Stock(950, 1_100, 1_000, 20), SOON, NOW)]
    assert told == [
        "86.4% of the cap is claimed: 950 of 1,100.",
        "30 of 1,000 codes are left: neither handed out, claimed nor cancelled.",
        "It ends in about 3 days, and 30 of its codes are not claimed.",
    ]


def test_a_cap_is_not_called_wholly_claimed_before_it_is() -> None:
    told = [one.sentence for one in warnings_of(Stock(99_999, 100_000), SOON, NOW)]
    assert told[0] == "99.9% of the cap is claimed: 99,999 of 100,000."
