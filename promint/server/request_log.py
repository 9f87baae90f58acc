"""Logs one line for each request that Django answers: method, route, status, time. Never the
path or the query, which can hold a code. The request's id is in the line, in the answer and in
problem documents."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.signals import got_request_exception
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from promint.accounts import network_addresses
from promint.api.problems import request_id_for
from promint.api.refusing import REQUEST_ID
from promint.core import traces
from promint.core.cause import caused_by
from promint.core.storage import noting_commits

log = logging.getLogger("promint.requests")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """The outermost middleware."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.monotonic()
        request_id = request_id_for(request.META.get("HTTP_X_REQUEST_ID", ""))
        request.META[REQUEST_ID] = request_id
        method = request.method if request.method in _METHODS else "?"
        with traces.span(method, request_id) as told, caused_by(request_id), noting_commits():
            response = self._get_response(request)
            told["http.route"] = _route(request)
            told["http.response.status_code"] = response.status_code
        response.headers["X-Request-Id"] = request_id
        milliseconds = (time.monotonic() - started) * 1000
        log.info(
            "%s %s %d %.1f ms %s%s",
            method,
            _route(request),
            response.status_code,
            milliseconds,
            request_id,
            _sender(request),
            extra={"request_id": request_id},
        )
        return response


@receiver(got_request_exception)
def log_defect(request: HttpRequest, **_: object) -> None:
    """Logs an exception that no page expects. Exceptions in the API are answered and logged by
    promint.api."""
    request_id = request.META[REQUEST_ID]
    log.error("%s failed.", request_id, exc_info=True, extra={"request_id": request_id})


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _sender(request: HttpRequest) -> str:
    """The address of somebody who tries passwords; the log names no other addresses."""
    if request.path_info != settings.LOGIN_URL:
        return ""
    return f" from {network_addresses.plain(request.META.get('REMOTE_ADDR', ''))}"


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return f"/{match.route}" if match is not None else "-"
