"""The chart of a list's claims."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from promint.dashboard.lists.claim_chart import (
    BASE,
    DAYS_SHOWN,
    GRID_LINES,
    TOP,
    Chart,
    chart,
    span_of,
)

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 9, 17, 0, tzinfo=UTC)  # 12:00 in New York
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def of(
    starts_at: datetime,
    ends_at: datetime,
    by_hour: dict[datetime, int],
    now: datetime = NOON,
    total: int | None = None,
    running: bool = False,
) -> Chart:
    span = span_of(starts_at, ends_at, now, NEW_YORK)
    return chart(span, by_hour, sum(by_hour.values()) if total is None else total, now, running)


def test_claims_are_counted_by_the_days_of_the_lists_zone() -> None:
    late_evening = datetime(2026, 11, 9, 3, 0, tzinfo=UTC)  # Nov 8, 22:00 in New York
    drawn = of(NOON - 3 * DAY, NOON + 3 * DAY, {late_evening: 4, NOON: 2})
    assert [(f"{bar.start:%b %d}", bar.claims) for bar in drawn.bars] == [
        ("Nov 06", 0),
        ("Nov 07", 0),
        ("Nov 08", 4),
        ("Nov 09", 2),
    ]


def test_only_the_day_that_is_not_over_is_drawn_as_unfinished() -> None:
    drawn = of(NOON - 3 * DAY, NOON + 3 * DAY, {NOON: 1})
    assert [bar.so_far for bar in drawn.bars] == [False, False, False, True]
    ended = of(NOON - 9 * DAY, NOON - 3 * DAY, {NOON - 4 * DAY: 1})
    assert not any(bar.so_far for bar in ended.bars)


def test_a_day_with_25_hours_is_one_bar() -> None:
    clocks_back = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    hours = {datetime(2026, 11, 1, 4, 0, tzinfo=UTC) + i * HOUR: 1 for i in range(25)}
    drawn = of(clocks_back - 2 * DAY, clocks_back + 2 * DAY, hours)
    assert [bar.claims for bar in drawn.bars] == [0, 0, 25, 0, 0]


def test_a_list_of_a_day_or_two_is_drawn_by_the_hour() -> None:
    drawn = of(NOON - 5 * HOUR, NOON + 19 * HOUR, {NOON - 5 * HOUR: 3, NOON: 1})
    assert drawn.unit == "hour"
    assert [bar.claims for bar in drawn.bars] == [3, 0, 0, 0, 0, 1]
    assert 100 / drawn.slot == 24


def test_a_long_list_shows_the_days_around_now() -> None:
    drawn = of(NOON - 300 * DAY, NOON + 300 * DAY, {NOON: 1})
    assert round(100 / drawn.slot) == DAYS_SHOWN
    assert len(drawn.bars) == DAYS_SHOWN - 14


def test_a_long_list_that_has_ended_shows_its_last_days() -> None:
    drawn = of(NOON - 300 * DAY, NOON - 100 * DAY, {NOON - 101 * DAY: 5})
    assert len(drawn.bars) == DAYS_SHOWN
    assert drawn.bars[-2].claims == 5


def test_the_running_total_starts_from_the_claims_before_the_first_bar() -> None:
    hours = {NOON - 2 * DAY: 4, NOON: 6}
    drawn = of(NOON - 300 * DAY, NOON + 300 * DAY, hours, total=110, running=True)
    assert drawn.bars[0].value == 100
    assert drawn.bars[-3].value == 104
    assert drawn.bars[-1].value == 110


def test_bars_stay_within_the_drawing_and_the_scale_has_few_round_lines() -> None:
    for claims in (1, 3, 7, 26, 99, 1_234, 40_106, 999_999_999):
        drawn = of(NOON - 3 * DAY, NOON + 3 * DAY, {NOON: claims})
        assert len(drawn.grid) <= GRID_LINES + 1
        assert drawn.grid[0] == (BASE, "0")
        assert round(drawn.grid[-1][0], 6) == TOP
        assert TOP <= round(drawn.bars[-1].y, 6) < BASE
        assert round(drawn.bars[-1].y + drawn.bars[-1].height, 6) == BASE


def test_labels_do_not_crowd() -> None:
    for days in (3, 20, 61, 400):
        drawn = of(NOON - days * DAY, NOON + DAY, {NOON: 1})
        assert 3 <= len(drawn.labels) <= 9
        assert all(0 <= label[0] <= 100 for label in drawn.labels)


def test_no_claims_draw_an_empty_scale() -> None:
    drawn = of(NOON - DAY * 3, NOON + DAY, {})
    assert [label for _, label in drawn.grid] == ["0", "1"]
    assert all(bar.height == 0 for bar in drawn.bars)
