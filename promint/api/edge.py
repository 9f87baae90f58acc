"""The edge of the API within Django: what no operation sees."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from promint.api import paths
from promint.api.problems import Problem
from promint.api.refusing import NOT_FOUND, answer

GetResponse = Callable[[HttpRequest], HttpResponse]


class ApiEdge:
    """Middleware, the innermost: routes by the path as sent, and leaves nothing to caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self._get_response(request)
        request.path_info = paths.sent(request)
        if request.method == "HEAD":  # GET, of whose answer the server sends the head alone
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
