"""Spans for OpenTelemetry, where its packages are installed and its own variables ask for them
(OTEL_EXPORTER_OTLP_ENDPOINT, or OTEL_TRACES_EXPORTER). Otherwise nothing is imported or noted.

The id of a trace is made from the id of the request, so that the spans of workers stand in the
trace of the request that caused their job, though it may have ended hours before. No span has a
code, a customer or a path.
"""

import hashlib
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from promint.core import cause

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

log = logging.getLogger(__name__)

_INSTALL = "Tracing is asked for (OTEL_…), but not installed: pip install 'promint[tracing]'."
_tracer: "Tracer | None" = None


def turn_on() -> None:
    """Spans are sent from now on, if they are asked for."""
    global _tracer
    exporter = _wanted()
    if exporter == "none":
        return
    try:
        _tracer = _made(exporter)
    except ImportError:
        log.warning(_INSTALL)


def _wanted() -> str:
    asked = os.environ.get("OTEL_TRACES_EXPORTER", "")
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return "none"
    addresses = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return asked or ("otlp" if any(map(os.environ.get, addresses)) else "none")


def _made(exporter: str) -> "Tracer":
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class OfRequests(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            if not (request_id := cause.request_id()):
                return super().generate_trace_id()
            return int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:16])

    name = os.environ.get("OTEL_SERVICE_NAME", "promint")
    provider = TracerProvider(
        resource=Resource.create({"service.name": name}), id_generator=OfRequests()
    )
    if exporter == "console":
        sending: Any = ConsoleSpanExporter(out=sys.stderr, formatter=_on_one_line)
    else:
        sending = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        sending = sending.OTLPSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(sending))
    return provider.get_tracer("promint")


def _on_one_line(span: Any) -> str:
    return str(span.to_json(indent=None)) + "\n"


def is_on() -> bool:
    return _tracer is not None


def note(name: str, request_id: str, began: int, told: Mapping[str, str | int]) -> None:
    """A span that ends now. `began`: nanoseconds since the epoch. `http.route` is added to the
    name."""
    if _tracer is None:
        return
    if route := told.get("http.route"):
        name = f"{name} {route}"
    attributes = {"promint.request_id": request_id, **told}
    with cause.caused_by(request_id):
        _tracer.start_span(name, attributes=attributes, start_time=began).end()


@contextmanager
def span(name: str, request_id: str, **attributes: str) -> Iterator[dict[str, str | int]]:
    """Everything within the block. What is put into the dictionary becomes attributes too."""
    told: dict[str, str | int] = {**attributes}
    began = time.time_ns()
    try:
        yield told
    except Exception as error:
        told["error.type"] = type(error).__name__  # its words may hold a code
        raise
    finally:
        note(name, request_id, began, told)
