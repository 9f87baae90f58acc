"""Time zones to choose from: by region, each with its city first and its offset from UTC."""

from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from promint.core.rules import checks
from promint.dashboard.page import formats


def zone_choices(chosen: str, now: datetime) -> list[Any]:
    """UTC, then the zones in use by region and city, so that typing a city in the field finds
    its zone. `chosen` is always among them, if it is a zone. Offsets are those at `now`."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for region, city, name in _in_use():
        regions.setdefault(region, []).append((name, f"{city} ({_offset(name, now)})"))
    first = [("UTC", "UTC")]
    if chosen != "UTC" and chosen in checks.zones() and chosen not in _names_in_use():
        first.append((chosen, f"{chosen} ({_offset(chosen, now)})"))
    return [*first, *regions.items()]


def _offset(name: str, now: datetime) -> str:
    return formats.offset(now.astimezone(ZoneInfo(name)))


@cache
def _in_use() -> list[tuple[str, str, str]]:
    """The region, city and name of each zone in use, sorted.

    The time zone database lists the zones of every country in zone.tab. Old names, like
    Asia/Calcutta, are not in it, though they still work.
    """
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    lines = (line for line in table.splitlines() if not line.startswith("#"))
    names = {line.split("\t")[2] for line in lines} & set(checks.zones())
    return sorted((*_region_and_city(name), name) for name in names)


@cache
def _names_in_use() -> frozenset[str]:
    return frozenset(name for _, _, name in _in_use())


def _region_and_city(name: str) -> tuple[str, str]:
    """The region and the city of a zone: America/Argentina/Buenos_Aires → America, "Buenos
    Aires, Argentina"."""
    region, *places = name.replace("_", " ").split("/")
    return region, ", ".join(reversed(places))
