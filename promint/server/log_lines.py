"""The format of log lines. They say where something failed, but not with which values: the
message of an exception can hold a code (PostgreSQL quotes the row that collided), and logs never
do."""

import logging
import traceback
from types import TracebackType

from django.db import OperationalError

_WORDS_WITHOUT_VALUES = (AttributeError, ImportError, NameError, OSError, OperationalError)


class LineFormatter(logging.Formatter):
    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        told = [_told(error) for error in _chain(ei[1])]
        return "\n".join(told)


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
