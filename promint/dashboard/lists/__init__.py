"""The page of a list, the page of all lists, and the forms that create and edit a list."""

from promint.dashboard.lists.claim_chart import Chart
from promint.dashboard.lists.state import ListState, in_zone_of, of_list

__all__ = [
    "Chart",
    "ListState",
    "archive",
    "claims",
    "codes",
    "create",
    "details",
    "edit",
    "end",
    "in_zone_of",
    "index",
    "of_list",
    "qr_code",
    "warnings",
]
