"""A method that an address does not have is 405 with Allow, before anything else is looked at."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from promint.dashboard.page import not_allowed

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
        is_ours = match is not None and match.view_name in _NINJAS_OWN
        allowed = ("GET", "HEAD") if is_ours else getattr(view, "methods", None)
        if allowed is None or request.method in allowed:
            return None
        refusal = HttpResponseNotAllowed(allowed)
        return refusal if is_ours else not_allowed(request, refusal)
