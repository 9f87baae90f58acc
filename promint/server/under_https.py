"""Under an https:// PROMINT_BASE_URL every request came over TLS, whatever a proxy says of it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class UnderHttps:
    """Middleware. Without it Django leaves out Strict-Transport-Security behind some proxies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if settings.HSTS_SECONDS:
            response.headers["Strict-Transport-Security"] = f"max-age={settings.HSTS_SECONDS}"
        return response
