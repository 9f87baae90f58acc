"""Light or dark, kept in a cookie so that pages arrive in the right theme."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from promint.dashboard.page.context import THEME_COOKIE, THEMES
from promint.dashboard.page.permissions import open_to_all

_KEPT = 365 * 24 * 3600  # seconds


@open_to_all
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = redirect(back)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        # The script reads it too, because it can change the theme without loading a page.
        response.set_cookie(
            THEME_COOKIE, theme, max_age=_KEPT, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME_COOKIE)
    return response
