"""The rows of files that are read in turns, each from where the last turn ended."""

from itertools import islice
from typing import TextIO

from promint.core.reading import Row, read_lines
from promint.core.uploads.files import Sent, sorted_path

OPEN_FILES = 4


class _Open:
    def __init__(self, file: TextIO, done: int) -> None:
        self.file = file
        self.done = done  # how many rows were read so far
        self.rows = islice(read_lines(file), done, None)


class OpenLines:
    """Keeps the files open between turns. If it is lost, the place has to be found again."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def following(self, job: Sent, done: int, most: int) -> list[Row]:
        """The rows after the first `done`. Raises EOFError if there are none."""
        if job.public_id not in self._open or self._open[job.public_id].done != done:
            self._open_at(job, done)
        lines = self._open[job.public_id]
        rows = list(islice(lines.rows, most))
        if not rows:
            raise EOFError("fewer rows than were counted")
        lines.done += len(rows)
        return rows

    def _open_at(self, job: Sent, done: int) -> None:
        self.close(job)
        if len(self._open) == OPEN_FILES:
            self._open.pop(next(iter(self._open))).file.close()
        file = sorted_path(job).open(encoding="utf-8", newline="\n")
        self._open[job.public_id] = _Open(file, done)

    def close(self, job: Sent) -> None:
        if lines := self._open.pop(job.public_id, None):
            lines.file.close()
