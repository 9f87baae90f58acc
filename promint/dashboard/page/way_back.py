"""Where breadcrumbs lead back to: a page as the person saw it, with its search, its order and its
page number. With scripts, each tab remembers that itself. Without, a cookie does: every page notes
from which page it was opened."""

import re
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from promint.accounts.models import Staff

_PAGES = re.compile(r"/|/offers|/cancellations|/lists/lst_[0-9a-z]+")  # that breadcrumbs lead to
_MOST_PAGES = 5
_MOST_CHARACTERS = 3_000  # of the cookie's value; browsers take 4,096 bytes with its name
_WHOSE = "whose"


def as_seen(request: HttpRequest) -> dict[str, str]:
    """Queries of pages by path; the page that was seen last comes last."""
    kept = dict(parse_qsl(request.COOKIES.get(settings.WAY_BACK_COOKIE_NAME, "")))
    seen = kept if kept.pop(_WHOSE, "") == _whose(request) else {}
    address, _, query = request.headers.get("Referer", "").partition("?")
    root = request.build_absolute_uri("/")
    path = address.removeprefix(root.removesuffix("/"))
    if address.startswith(root) and _PAGES.fullmatch(path):
        seen.pop(path, None)
        seen |= {path: query} if query else {}
    return seen


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """For the pages that are opened from this one."""
    seen = list(as_seen(request).items())[-_MOST_PAGES:]
    value = urlencode([(_WHOSE, _whose(request)), *seen])
    if value != request.COOKIES.get(settings.WAY_BACK_COOKIE_NAME) and (
        len(value) <= _MOST_CHARACTERS
    ):
        response.set_cookie(
            settings.WAY_BACK_COOKIE_NAME,
            value,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )


def _whose(request: HttpRequest) -> str:
    """Whoever signs in next in this browser starts afresh."""
    return str(request.user.id) if isinstance(request.user, Staff) else ""
