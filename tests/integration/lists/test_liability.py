"""The liability of all lists: what the lists with a cap can still issue, from counters alone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.core import lists
from promint.core.lists import StillClaimable, still_claimable
from promint.core.rules import ListType
from promint.core.storage import database_now
from promint.environment import PointValue
from tests.factories import ACTOR, a_list, claim

DAY = timedelta(days=1)


def test_what_is_left_of_each_cap_is_added_up_in_points() -> None:
    a_list(ListType.MULTI_USE, code="five", points=100, entry_cap=5)
    claim("five", "cust-1")
    claim("five", "cust-2")
    a_list(points=7, entry_cap=10, starts_in=DAY)  # pending
    archived = a_list(points=1, entry_cap=1_000)
    lists.archive(archived.public_id, ACTOR)
    a_list(points=50, entry_cap=10, starts_in=-9 * DAY, ends_in=-DAY)  # it has ended
    a_list(points=None, tags=["x"], entry_cap=10)
    assert still_claimable(database_now()) == StillClaimable(3 * 100 + 70 + 1_000, 0)


def test_a_list_whose_cap_is_reached_adds_nothing() -> None:
    a_list(ListType.MULTI_USE, code="one", points=100, entry_cap=1)
    claim("one")
    assert still_claimable(database_now()) == StillClaimable(0, 0)


def test_the_largest_points_and_caps_are_exact() -> None:
    for _ in range(3):
        a_list(points=1_000_000_000, entry_cap=10**12 - 1)
    assert still_claimable(database_now()).points == 3 * 10**9 * (10**12 - 1)


def test_lists_without_a_cap_are_counted_and_not_in_it(viewer: Client, settings: Any) -> None:
    settings.POINT_VALUE = PointValue(Decimal("0.01"), "USD")
    a_list(points=100, entry_cap=50)
    a_list(points=100)
    a_list(points=None, tags=["free"])
    assert still_claimable(database_now()) == StillClaimable(5_000, 1)
    page = viewer.get("/").content.decode()
    assert "5,000 points" in page
    assert "$50.00" in page
    assert "without 1 list that has no cap" in page


def test_more_lists_cost_no_more_queries(viewer: Client) -> None:
    a_list(points=1, entry_cap=1)
    viewer.get("/")
    with CaptureQueriesContext(connection) as few:
        viewer.get("/")
    for number in range(2, 12):
        a_list(points=number, entry_cap=number)
    viewer.get("/")  # which reads the fixed facts of new lists once
    with CaptureQueriesContext(connection) as many:
        viewer.get("/")
    assert len(many) == len(few)
