"""When the cap is reached, foreseen from the last seven days: exact, and silent where little is
known."""

from datetime import UTC, datetime, timedelta

import pytest

from promint.core.rules.forecast import cap_reached

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)  # a Thursday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def foreseen(
    by_day: list[int], left: int, *, age: int = 30, ends_in: int = 300, now: datetime = NOW
) -> float | None:
    """In how many days the cap is reached. `by_day`: claims of each of the last days, the latest
    first."""
    hours = {NOW - (ago + 1) * DAY + 5 * HOUR: claims for ago, claims in enumerate(by_day)}
    found = cap_reached(
        hours, left=left, starts_at=NOW - age * DAY, ends_at=NOW + ends_in * DAY, now=now
    )
    return None if found is None else (found - now) / DAY


def test_a_steady_list_reaches_its_cap_when_what_is_left_is_used_up() -> None:
    assert foreseen([10] * 7, 100) == pytest.approx(10)
    assert foreseen([10] * 7, 5) == pytest.approx(0.5)


def test_the_coming_days_follow_the_weekdays() -> None:
    weekend_only = [0, 0, 0, 50, 50, 0, 0]  # the latest first: Saturday is 5 days ago, Sunday 4
    assert foreseen(weekend_only, 25) == pytest.approx(2.5)
    assert foreseen(weekend_only, 100) == pytest.approx(4)
    assert foreseen(weekend_only, 150) == pytest.approx(10)


def test_a_weekday_that_was_not_seen_yet_counts_as_a_mean_day() -> None:
    assert foreseen([30, 30, 30], 120, age=3) == pytest.approx(4)


def test_claims_before_the_last_seven_days_count_for_nothing() -> None:
    assert foreseen([10] * 7 + [9_000], 100) == pytest.approx(10)


def test_the_hour_that_is_not_over_does_not_count_as_slow() -> None:
    assert foreseen([24] * 7, 24, now=NOW + timedelta(minutes=30)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("by_day", "left", "more"),
    [
        ([10] * 7, 100, {"ends_in": 9}),  # the end comes first
        ([10] * 7, 10, {"age": 2}),  # too young
        ([3, 3, 3, 3, 3, 3, 1], 5, {}),  # 19 claims
        ([500, 0, 0, 0, 0, 0, 0], 5, {}),  # all on one day
        ([], 5, {}),  # none
        ([10] * 7, 10_000, {"ends_in": 5_000}),  # more than a year away
        ([10] * 7, 10, {"age": -5}),  # not started
    ],
)
def test_nothing_is_said_where_there_is_not_enough_to_say_it(
    by_day: list[int], left: int, more: dict[str, int]
) -> None:
    assert foreseen(by_day, left, **more) is None
