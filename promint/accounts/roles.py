"""Permissions: the only place that says who may do what. Every page and every form declares the
permission it needs."""

from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    READ = "read"  # lists, batches, customers, offers; look a code up
    SERVE = "serve"  # cancel a code, claim for a customer, lift a lockout
    MANAGE = "manage"  # create and edit lists, generate, upload, export, offers
    ADMINISTER = "administer"  # team, API keys, audit log


_LADDER = {
    Role.VIEWER: {Permission.READ},
    Role.AGENT: {Permission.READ, Permission.SERVE},
    Role.MANAGER: {Permission.READ, Permission.SERVE, Permission.MANAGE},
    Role.ADMIN: set(Permission),
}


def may(role: str, permission: Permission) -> bool:
    return permission in _LADDER[Role(role)]


class Scope(StrEnum):
    """What an API key may do."""

    CLAIM = "claim"  # claims, validations, customers
    MANAGE = "manage"  # everything else
