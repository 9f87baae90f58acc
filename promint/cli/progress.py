"""Shows how far a long command is: in a terminal as a bar, elsewhere as a line now and then."""

import sys
import time
from typing import Self

BAR = 30  # characters
REDRAWN = 0.1  # seconds
SAID = 10.0  # seconds between two lines where there is no terminal


class Progress:
    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._every = REDRAWN if self._terminal else SAID
        self._next = time.monotonic() + (0 if self._terminal else SAID)
        self._what = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_line()

    def show(self, what: str, done: int, of: int) -> None:
        """`of`: 0 if it is not known."""
        if what != self._what and self._terminal:
            self._end_line()
            self._next = 0
        self._what = what
        if time.monotonic() < self._next and done != of:
            return
        if self._terminal or time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            print(self._line(done, of), end=self._end, file=sys.stderr, flush=True)

    @property
    def _end(self) -> str:
        return "" if self._terminal else "\n"

    def _line(self, done: int, of: int) -> str:
        amount = f"{done:,} of {of:,}" if of else f"{done:,}"
        if not self._terminal:
            return f"{self._what}: {amount}"
        full = BAR * done // of if of else 0
        return f"\r{self._what} [{'#' * full}{'.' * (BAR - full)}] {amount}"

    def _end_line(self) -> None:
        if self._terminal and self._what:
            print(file=sys.stderr)
