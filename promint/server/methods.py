"""Answers a method that a URL does not support with 405 and Allow, before anything else is checked.

This does not hold for GET and POST on pages that support one of them: these first check whether the
person is signed in, has the permission and sent a token.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from promint.dashboard.page import READ, SENT, not_allowed

GetResponse = Callable[[HttpRequest], HttpResponse]

_NINJAS_OWN = {"api:openapi-json", "api:openapi-view"}  # its operations check this themselves


class Methods:
    """Middleware. A page's methods are declared where it is routed
    (promint.dashboard.page.page)."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is not None and match.view_name in _NINJAS_OWN:
            return None if request.method in READ else HttpResponseNotAllowed(READ)
        allowed = getattr(view, "methods", None)  # of a page
        if allowed is None or request.method in READ + SENT:
            return None
        return not_allowed(request, HttpResponseNotAllowed(allowed))
