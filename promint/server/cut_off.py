"""Logs callers who were cut off, in one line a minute, however many there are."""

import asyncio
import logging
from collections import Counter

TOLD_EVERY = 60.0  # seconds
ADDRESSES_COUNTED = 1_000  # addresses beyond these are counted together
ADDRESSES_NAMED = 5

log = logging.getLogger(__name__)


class CutOff:
    """Counts callers within the event loop that uses it."""

    def __init__(self) -> None:
        self._reasons: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    def note(self, why: str, address: str) -> None:
        """`why` ends the sentence "so many callers …"."""
        if not self._reasons:
            asyncio.get_running_loop().call_later(TOLD_EVERY, self.tell)
        self._reasons[why] += 1
        if address in self._addresses or len(self._addresses) < ADDRESSES_COUNTED:
            self._addresses[address] += 1

    def tell(self) -> None:
        """Log what was counted since the last time, if there was anything."""
        if self._reasons:
            log.warning("%s", sentence(self._reasons, self._addresses))
        self._reasons.clear()
        self._addresses.clear()


def sentence(reasons: Counter[str], addresses: Counter[str]) -> str:
    why = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
    whence = [f"{address} ({n})" for address, n in addresses.most_common(ADDRESSES_NAMED)]
    if others := len(addresses) - len(whence):
        whence.append(f"{others} other addresses")
    return f"Callers cut off: {why}. They came from {', '.join(whence)}."
