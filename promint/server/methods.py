"""A method that an address does not have is 405 with Allow, before anything else is looked at.

But GET and POST, where pages have one of them alone: who is signed out is led to the sign-in, and
who may not or has no token is refused, so pages look at those themselves.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from promint.dashboard.page import READ, SENT, not_allowed

GetResponse = Callable[[HttpRequest], HttpResponse]

_NINJAS_OWN = {"api:openapi-json", "api:openapi-view"}  # its operations see to it themselves


class Methods:
    """Middleware. Pages say their methods where they are routed (promint.dashboard.page.page)."""

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
