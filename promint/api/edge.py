"""What Django does for all requests to the API, before and after the operations."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from promint.api import paths
from promint.api.problems import Problem
from promint.api.refusing import NOT_FOUND, answer

GetResponse = Callable[[HttpRequest], HttpResponse]


class ApiEdge:
    """The innermost middleware: routes by the path as it was sent, and forbids caching."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self._get_response(request)
        request.path_info = paths.sent(request)
        if request.method == "HEAD":  # GET, with an answer of which the server sends the head only
            request.method = "GET"
        response = self._get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            response = _method_not_allowed(request, response.headers["Allow"])
        response.headers["Cache-Control"] = "no-store"
        return response


def _method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    return answer(
        request, Problem("method_not_allowed", f"Use {allowed}.", headers={"Allow": allowed})
    )


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    return answer(request, NOT_FOUND)
