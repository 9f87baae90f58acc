"""Query parameters. What an operation does not have, or is sent twice, is refused: it would answer
another question than was asked, and nobody would notice."""

from typing import Annotated, Any, TypeVar

from django.http import HttpRequest, QueryDict
from ninja import NinjaAPI
from ninja.params.models import Query, QueryModel

from promint.api.problems import ProblemRaised, invalid_request

_NOT_READ = "\ufffd"  # what Django puts in place of bytes that are not UTF-8

T = TypeVar("T")


class _ParametersModel(QueryModel):
    __ninja_flatten_map__: dict[str, Any]

    @classmethod
    def get_request_data(
        cls, request: HttpRequest, api: NinjaAPI, path_params: dict[str, Any]
    ) -> Any:
        if wrong := _wrong(request.GET, set(cls.__ninja_flatten_map__)):
            raise ProblemRaised(invalid_request(wrong))
        return super().get_request_data(request, api, path_params)


class _Parameters(Query):  # type: ignore[misc]
    _model: type[QueryModel] = _ParametersModel

    @classmethod
    def _param_source(cls) -> str:
        return "query"


Parameters = Annotated[T, _Parameters(...)]  # the argument of an operation that has them


def _wrong(sent: QueryDict, known: set[str]) -> dict[str, str]:
    twice = {name: "Send this parameter once." for name, found in sent.lists() if len(found) > 1}
    unknown = dict.fromkeys(sent.keys() - known, "There is no such parameter.")
    return not_utf_8(sent) | twice | unknown


def not_utf_8(sent: QueryDict) -> dict[str, str]:
    """Parameters, or fields of a form, of which something could not be read."""
    return {
        name: "Send this text as UTF-8."
        for name, found in sent.lists()
        if any(_NOT_READ in text for text in found)
    }
