"""What every page shows around its content."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from promint.accounts import keys
from promint.accounts.models import Staff
from promint.accounts.roles import Permission
from promint.core.claiming import callers
from promint.core.storage import database_now
from promint.dashboard.page import navigation

THEME_COOKIE = "theme"
THEMES = ("light", "dark")


def page_context(request: HttpRequest) -> dict[str, Any]:
    """`may` maps a permission's name to whether the person has it: {"read": True, ...}."""
    user = getattr(request, "user", None)
    allowed = {
        permission: isinstance(user, Staff) and user.may(permission) for permission in Permission
    }
    return {
        "may": {permission.value: yes for permission, yes in allowed.items()},
        "navigation": [
            [entry for entry in group if allowed[entry.permission]]
            for group in (navigation.WORK, navigation.ADMINISTRATION)
        ],
        "alerts": _alerts() if allowed[Permission.ADMINISTER] else set(),
        "mails_are_sent": settings.EMAIL_URL is not None,
        "organisation": settings.ORGANISATION,
        "provider": settings.OPENID.name if settings.OPENID is not None else "",
        "theme": chosen_theme(request),
    }


def _alerts() -> set[str]:
    """The routes of entries in the side bar that need attention."""
    return {"keys"} if keys.in_use(callers.guessing(database_now()).all) else set()


def chosen_theme(request: HttpRequest) -> str:
    """The theme that was chosen; empty means that of the device."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""
