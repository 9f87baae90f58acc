"""Records in the audit log who reads many codes, because whoever has codes can use or sell them.

Each process counts in memory for itself, so nothing is written for small numbers.
"""

import threading
from datetime import datetime

from promint.core import audit
from promint.core.storage import database_now, durable

WRITTEN_DOWN_FROM = (
    1_000  # codes of one batch by one reader in an hour, and each time as many again
)
_READERS = 10_000  # remembered at once


class _Readings:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hour: datetime | None = None
        self._codes: dict[tuple[str, str], int] = {}

    def add(self, actor: str, subject: str, codes: int, hour: datetime) -> int | None:
        """The number of codes in this hour, each time it has passed another WRITTEN_DOWN_FROM;
        otherwise None."""
        with self._lock:
            if hour != self._hour or len(self._codes) >= _READERS:
                self._hour, self._codes = hour, {}
            before = self._codes.get((actor, subject), 0)
            now = self._codes[actor, subject] = before + codes
        crossed = now // WRITTEN_DOWN_FROM > before // WRITTEN_DOWN_FROM
        return now if crossed else None


_readings = _Readings()


def note(actor: str, subject: str, codes: int) -> None:
    """Count codes that were read. `subject`: the public id of their batch."""
    hour = database_now().replace(minute=0, second=0, microsecond=0)
    many = _readings.add(actor, subject, codes, hour)
    if many is not None:
        _write_down(actor, subject, many)


@durable
def _write_down(actor: str, subject: str, codes: int) -> None:
    audit.record(actor, "codes.read", subject, after={"codes": codes})
