"""The format of log lines. They say where something failed, but not with which values: the
message of an exception can hold a code (PostgreSQL quotes the row that collided), and logs never
do."""

import json
import logging
import logging.config
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.db import OperationalError

from promint.core import cause

_WORDS_WITHOUT_VALUES = (AttributeError, ImportError, NameError, OSError, OperationalError)


class LineFormatter(logging.Formatter):
    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        told = [_told(error) for error in _chain(ei[1])]
        return "\n".join(told)


class JsonFormatter(LineFormatter):
    """One object a line. A traceback is in it, as a text."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", "") or cause.request_id():
            line["request_id"] = request_id
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


def configure(config: dict[str, Any]) -> None:
    """What Django calls with its LOGGING. As JSON, what Python would write to standard error by
    itself is logged too, so that every line is an object."""
    logging.config.dictConfig(config)
    if config["handlers"]["stderr"]["formatter"] != "json":
        return
    logging.captureWarnings(True)
    sys.excepthook = lambda *error: _uncaught(error[1])
    threading.excepthook = lambda thread: _uncaught(thread.exc_value)


def _uncaught(error: BaseException | None) -> None:
    logging.getLogger("promint").critical("An error ended what was done.", exc_info=error)


def _chain(error: BaseException | None) -> list[BaseException]:
    """The exception and those that caused it, the first cause first."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return chain


def _told(error: BaseException) -> str:
    kind = type(error)
    # Only the first line, because PostgreSQL's further lines may hold values.
    first = str(error).partition("\n")[0]
    words = f": {first}" if isinstance(error, _WORDS_WITHOUT_VALUES) else ""
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{places}{kind.__module__}.{kind.__qualname__}{words}"
