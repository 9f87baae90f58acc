"""The lockout of customers who guess: ten unknown codes in ten minutes, and what follows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from promint.core.rules.rules import Guesses, after_unknown_code

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def guess(times: list[datetime], guesses: Guesses = Guesses()) -> Guesses:  # noqa: B008 (frozen)
    for now in times:
        guesses = after_unknown_code(guesses, now)
    return guesses


def ten_from(start: datetime) -> list[datetime]:
    return [start + i * SECOND for i in range(10)]


def lockout_of(guesses: Guesses, last_guess: datetime) -> timedelta:
    assert guesses.locked_until is not None
    return guesses.locked_until - last_guess


def test_nine_unknown_codes_lock_nobody_out() -> None:
    times = ten_from(NOON)[:9]
    assert not guess(times).locked(times[-1])


def test_the_tenth_locks_out_for_a_quarter_of_an_hour() -> None:
    last = ten_from(NOON)[-1]
    guesses = guess(ten_from(NOON))
    assert guesses.locked(last)
    assert guesses.locked(last + 15 * MINUTE - SECOND)
    assert not guesses.locked(last + 15 * MINUTE)


def test_only_the_last_ten_minutes_count() -> None:
    nine = ten_from(NOON)[:9]
    assert guess([*nine, NOON + 10 * MINUTE - SECOND]).locked_until is not None
    assert guess([*nine, NOON + 10 * MINUTE]).locked_until is None


def test_a_customer_who_guesses_slowly_is_never_locked_out() -> None:
    assert guess([NOON + i * 67 * SECOND for i in range(500)]).locked_until is None


def test_each_further_lockout_is_twice_as_long_up_to_a_day() -> None:
    guesses, now, lengths = Guesses(), NOON, []
    for _ in range(12):
        last = ten_from(now)[-1]
        guesses = guess(ten_from(now), guesses)
        lengths.append(lockout_of(guesses, last))
        now = last + lengths[-1]
    assert lengths == [min(15 * MINUTE * 2**i, DAY) for i in range(12)]
    assert lengths[7:] == [DAY] * 5


def test_after_a_lockout_the_count_starts_anew() -> None:
    guesses = guess(ten_from(NOON))
    assert guesses.locked_until is not None
    nine_more = ten_from(guesses.locked_until)[:9]
    assert not guess(nine_more, guesses).locked(nine_more[-1])


def test_a_lockout_is_forgotten_a_day_after_its_end() -> None:
    first = guess(ten_from(NOON))
    assert first.locked_until is not None
    remembered = ten_from(first.locked_until + DAY - MINUTE)
    assert lockout_of(guess(remembered, first), remembered[-1]) == 30 * MINUTE
    forgotten = ten_from(first.locked_until + DAY + MINUTE)
    assert lockout_of(guess(forgotten, first), forgotten[-1]) == 15 * MINUTE


@given(st.lists(st.integers(0, 300), max_size=60))
def test_whoever_is_locked_out_has_guessed_ten_times_in_the_last_ten_minutes(
    pauses: list[int],
) -> None:
    now, times, guesses = NOON, [], Guesses()
    for pause in pauses:
        now += timedelta(seconds=pause)
        if guesses.locked(now):
            continue
        times.append(now)
        guesses = after_unknown_code(guesses, now)
        assert len(guesses.recent) < 10
        if guesses.locked(now):
            assert len([t for t in times if t > now - 10 * MINUTE]) >= 10
            times.clear()
        else:
            assert len([t for t in times if t > now - 10 * MINUTE]) < 10
