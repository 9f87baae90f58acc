"""Puts the operations of the management API together."""

from copy import deepcopy
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.operation import Operation

from promint.api.management import (
    batches,
    bulk_handouts,
    cancellations,
    claims,
    codes,
    customers,
    exports,
    handouts,
    list_claims,
    list_codes,
    lists,
    offers,
    prints,
    uploads,
    webhooks,
)
from promint.api.management.docs_page import DocsPage
from promint.api.openapi import SCHEMAS, TAGS, declare_keys, elsewhere
from promint.api.refusing import answer_to


class Management(NinjaAPI):
    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        return answer_to(request, exc)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **_: Any) -> Any:
        return self._description

    @cached_property
    def _description(self) -> Any:
        """The description, made only once, because this takes a third of a second and anybody
        may ask."""
        schema = deepcopy(super().get_openapi_schema())  # single operations own parts of it
        declare_keys(schema["paths"])
        schema["paths"] = elsewhere() | schema["paths"]
        schema["components"]["schemas"] |= SCHEMAS
        return schema


management = Management(
    title="Promint",
    version="1",
    description="Lists, batches, codes and claims. Errors are RFC 9457 problem documents.",
    docs=DocsPage(),
    urls_namespace="api",
    openapi_extra={"tags": TAGS},
)
management.add_router("/claims", claims.router)
management.add_router("/customers", customers.router)
management.add_router("/offers", offers.router)
management.add_router("/lists", lists.router)
management.add_router("/lists", list_codes.router)
management.add_router("/lists", list_claims.router)
management.add_router("", batches.router)
management.add_router("", uploads.router)
management.add_router("", handouts.router)
management.add_router("", bulk_handouts.router)
management.add_router("/exports", exports.router)
management.add_router("/prints", prints.router)
management.add_router("/codes", codes.router)
management.add_router("/cancellations", cancellations.router)
management.add_router("/webhooks", webhooks.router)
