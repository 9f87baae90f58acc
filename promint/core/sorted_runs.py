"""Random codes of one format in sorted runs, made in a thread while those before are loaded.

Sorted, they touch the pages of the index in order. Each run is twice as long as the one before, up
to a million: making one takes about as long as loading the last.
"""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from promint.core.codewords import random_codes

FIRST, LONGEST = 125_000, 1_000_000  # codes
_BUCKET = 2  # random characters: sorting many small lists leaves the interpreter to others between


class SortedRuns:
    """Codes are only candidates until they are stored: what is never taken is of no account."""

    def __init__(self, wanted: int, length: int, prefix: str) -> None:
        self._missing, self._format = wanted, (length, prefix)
        self._length = FIRST
        self._thread = ThreadPoolExecutor(1, "sorted-runs")
        self._next = self._ahead()
        self._run: Iterator[str] = iter(())

    def take(self, most: int) -> list[str]:
        """Between one and `most` sorted codes, each once."""
        while not (taken := list(islice(self._run, most))):
            self._run = iter(self._next.result())
            self._next = self._ahead()
        return list(dict.fromkeys(taken))

    def _ahead(self) -> Future[list[str]]:
        count = max(1, min(self._length, self._missing))
        self._missing -= count
        self._length = min(self._length * 2, LONGEST)
        return self._thread.submit(sorted_codes, count, *self._format)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def sorted_codes(count: int, length: int, prefix: str) -> list[str]:
    buckets: dict[str, list[str]] = defaultdict(list)
    for code in random_codes(count, length, prefix):
        buckets[code[: len(prefix) + _BUCKET]].append(code)
    run: list[str] = []
    for start in sorted(buckets):
        run += sorted(buckets[start])
    return run
