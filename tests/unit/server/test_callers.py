"""Which caller is cut off when there are too many, and what the log says."""

import resource
from collections import Counter

import pytest

from promint.server import callers as server_callers
from promint.server import cut_off
from promint.server.callers import Callers


class Someone:
    def __init__(self) -> None:
        self.is_cut_off = False

    def make_room(self) -> None:
        self.is_cut_off = True


def test_whoever_has_kept_us_waiting_longest_makes_room() -> None:
    callers, (first, second, third, fourth) = Callers(3), [Someone() for _ in range(4)]
    for one in (first, second, third):
        assert callers.come(one)
    callers.serve(first)
    callers.wait_for(second)  # still
    assert callers.come(fourth)
    assert [one.is_cut_off for one in (first, second, third, fourth)] == [False, True, False, False]
    callers.wait_for(first)
    assert callers.come(Someone())
    assert third.is_cut_off
    assert not first.is_cut_off


def test_nobody_who_is_being_served_makes_room() -> None:
    callers, one, other = Callers(1), Someone(), Someone()
    callers.come(one)
    callers.serve(one)
    assert not callers.come(other)
    assert not one.is_cut_off
    callers.leave(one)
    callers.leave(other)
    assert callers.come(Someone())


def test_a_sentence_says_how_many_were_cut_off_and_from_where() -> None:
    reasons = Counter({"were slow": 3, "were idle": 4})
    addresses = Counter({f"10.0.0.{n}": n for n in range(1, 8)})
    assert cut_off.sentence(reasons, addresses) == (
        "Callers cut off: 4 were idle, 3 were slow. They came from 10.0.0.7 (7), 10.0.0.6 (6),"
        " 10.0.0.5 (5), 10.0.0.4 (4), 10.0.0.3 (3), 2 other addresses."
    )


def test_whoever_has_their_bytes_kept_longest_makes_room_if_they_are_too_many() -> None:
    callers, (first, second, third) = Callers(10, most_bytes=100), [Someone() for _ in range(3)]
    for one in (first, second, third):
        callers.come(one)
    callers.keep(first, 50)
    callers.keep(second, 40)
    callers.keep(first, 60)
    assert not first.is_cut_off
    callers.keep(third, 10)
    assert [one.is_cut_off for one in (first, second, third)] == [True, False, False]
    callers.serve(second)  # its request is whole
    callers.keep(third, 100)
    assert not third.is_cut_off
    callers.keep(third, 101)
    assert third.is_cut_off


UNLIMITED = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("usual", "hard", "places", "raised_to"),
    [
        (256, 256, 132, None),
        (1_024, 1_024, 900, None),
        (1_024, 4_096, 3_972, 4_096),
        (1_024, 524_288, 8_000, 8_124),
        (1_024, UNLIMITED, 8_000, 8_124),
        (65_536, 524_288, 8_000, None),
        (UNLIMITED, UNLIMITED, 8_000, None),
        (10, 10, 1, None),
    ],
)
def test_there_is_room_for_as_many_as_the_process_may_open(
    monkeypatch: pytest.MonkeyPatch, usual: int, hard: int, places: int, raised_to: int | None
) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (usual, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: limits.append(both))
    assert server_callers.make_places() == places
    assert limits == ([] if raised_to is None else [(raised_to, hard)])
