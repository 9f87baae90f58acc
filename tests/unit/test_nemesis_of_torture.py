"""Faults of torture that cannot happen are given up."""

import pytest

from tests.databases import free_port
from torture import nemesis
from torture.plan import Fault
from torture.wire import Wire


@pytest.mark.parametrize("deed", [nemesis._cut, nemesis._swallow])
def test_nothing_is_waited_for_without_end_on_a_wire_that_nobody_uses(
    deed: nemesis.OfWires, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nemesis, "FOUND_WITHIN", 0.3)
    with Wire(free_port()) as wire:
        assert deed([wire], Fault("cut the database", at=0, seconds=0.1, which=0, size=0)) == 0
