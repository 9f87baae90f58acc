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


@pytest.mark.parametrize(("allowed", "most"), [(256, 132), (1_024, 900), (4_096, 900), (10, 1)])
def test_there_is_room_for_as_many_as_the_process_may_open(
    monkeypatch: pytest.MonkeyPatch, allowed: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    assert server_callers.most() == most
