"""The team: who may sign in, with which role, and whether with a second factor."""

from promint.dashboard.team.team import (
    change_role,
    deactivate,
    demand_second_factor,
    index,
    invite,
    new_link,
    remove_second_factor,
)

__all__ = [
    "change_role",
    "deactivate",
    "demand_second_factor",
    "index",
    "invite",
    "new_link",
    "remove_second_factor",
]
