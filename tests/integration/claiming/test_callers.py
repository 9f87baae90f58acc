"""Callers who send mostly unknown codes: they guess, or are broken."""

from datetime import timedelta

import pytest

from promint.core.claiming import callers
from promint.core.models import CallerHour
from promint.core.storage.clock import database_now


@pytest.mark.parametrize(
    ("known", "unknown", "suspicious"), [(49, 51, True), (50, 50, False), (0, 99, False)]
)
def test_a_caller_is_suspicious_when_most_of_at_least_100_codes_were_unknown(
    known: int, unknown: int, suspicious: bool
) -> None:
    now = database_now()
    callers.count([("key_1", False)] * known + [("key_1", True)] * unknown, now)
    callers.count([("key_2", False)] * 1000, now)
    assert callers.suspicious(now) == (["key_1"] if suspicious else [])


def test_attempts_of_an_hour_add_up() -> None:
    now = database_now()
    for _ in range(3):
        callers.count([("key_1", True), ("key_1", False), ("key_2", False)], now)
    counted = CallerHour.objects.order_by("owner").values_list("owner", "attempts", "unknown")
    assert list(counted) == [("key_1", 6, 3), ("key_2", 3, 0)]


def test_a_suspicion_lasts_a_day() -> None:
    now = database_now()
    callers.count([("key_1", True)] * 200, now)
    assert callers.suspicious(now + timedelta(hours=22)) == ["key_1"]
    assert callers.suspicious(now + timedelta(hours=25)) == []


def test_hours_are_forgotten_after_30_days() -> None:
    now = database_now()
    callers.count([("key_1", True)], now)
    assert callers.forget_old(now + timedelta(days=29)) == 0
    assert callers.forget_old(now + timedelta(days=31)) == 1
