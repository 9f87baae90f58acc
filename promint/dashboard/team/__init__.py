"""The team: who may sign in, and with which role."""

from promint.dashboard.team.team import change_role, deactivate, index, invite, new_link

__all__ = ["change_role", "deactivate", "index", "invite", "new_link"]
