"""Callers who sent very many unknown codes in this hour: their further unknown codes are not looked
up but answered with 429 until the hour ends. Known codes are judged as before.

Each process counts in memory, so that claims read nothing more from the database. It learns the
counts of other processes each time it writes its own. So the limit may be passed by about one group
of attempts, and with several processes by what they receive in five seconds.
"""

from collections import Counter
from datetime import datetime

from promint.core.claiming import callers


class Throttle:
    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._known: dict[str, int] = {}  # unknown codes in this hour, as last read
        self._since: Counter[str] = Counter()
        self._levels: dict[str, int] = {}

    def full(self, now: datetime) -> frozenset[str]:
        """Callers whose unknown codes are refused."""
        self._begin(now)
        return frozenset(
            caller for caller in self._since if self._count(caller) >= self._most(caller)
        )

    def note(self, caller: str, now: datetime) -> None:
        """Count one more unknown code."""
        self._begin(now)
        self._since[caller] += 1

    def learn(self, now: datetime) -> None:
        """Read what all processes have counted and what is usual. Called after the counts were
        written."""
        self._begin(now)
        if not self._since:
            return
        self._known = callers.of_this_hour(self._since, now)
        self._since = Counter(dict.fromkeys(self._since, 0))
        fresh = self._since.keys() - self._levels.keys()
        if fresh:
            self._levels |= callers.levels(fresh, now)

    def _begin(self, now: datetime) -> None:
        hour = callers.hour_of(now)
        if hour != self._hour:
            self._hour, self._known, self._levels = hour, {}, {}
            self._since.clear()

    def _count(self, caller: str) -> int:
        return self._known.get(caller, 0) + self._since[caller]

    def _most(self, caller: str) -> int:
        return callers.BOUND_BY * self._levels.get(caller, callers.NOTICED)
