"""The time zones that forms offer: found by city, with offsets, and without old names."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from promint.dashboard.page import zone_choices

WINTER = datetime(2026, 1, 15, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, tzinfo=UTC)


def shown(choices: list[Any]) -> dict[str, str]:
    grouped = [one for _, group in choices if isinstance(group, list) for one in group]
    return dict(one for one in choices if isinstance(one[1], str)) | dict(grouped)


@pytest.mark.parametrize(
    ("name", "winter", "summer"),
    [
        ("Europe/Paris", "Paris (UTC+1)", "Paris (UTC+2)"),
        ("Europe/London", "London (UTC)", "London (UTC+1)"),
        ("Asia/Kolkata", "Kolkata (UTC+5:30)", "Kolkata (UTC+5:30)"),
        ("America/New_York", "New York (UTC−5)", "New York (UTC−4)"),
        ("America/St_Johns", "St Johns (UTC−3:30)", "St Johns (UTC−2:30)"),
        (
            "America/Argentina/Buenos_Aires",
            "Buenos Aires, Argentina (UTC−3)",
            "Buenos Aires, Argentina (UTC−3)",
        ),
        ("UTC", "UTC", "UTC"),
    ],
)
def test_a_zone_begins_with_its_city_and_shows_its_offset(
    name: str, winter: str, summer: str
) -> None:
    assert shown(zone_choices("UTC", WINTER))[name] == winter
    assert shown(zone_choices("UTC", SUMMER))[name] == summer


@pytest.mark.parametrize("name", ["Asia/Calcutta", "Europe/Kiev", "US/Eastern", "Etc/GMT+5", "EST"])
def test_a_name_that_was_given_up_is_offered_only_to_those_who_have_it(name: str) -> None:
    assert name not in shown(zone_choices("UTC", WINTER))
    assert name in shown(zone_choices(name, WINTER))


def test_what_is_not_a_time_zone_is_not_offered() -> None:
    assert zone_choices("Mars/Olympus", WINTER) == zone_choices("UTC", WINTER)


def test_cities_stand_in_order_within_their_region() -> None:
    groups = [group for _, group in zone_choices("UTC", WINTER) if isinstance(group, list)]
    assert sum(map(len, groups)) > 350
    for group in groups:
        cities = [label.split(" (")[0] for _, label in group]
        assert all(first <= second for first, second in pairwise(cities))
