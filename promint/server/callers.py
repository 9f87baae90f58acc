"""Counts connected callers, and the memory that they occupy. If there are too many, or they occupy
too much, the one for whom the server has waited longest is cut off."""

import resource
from typing import Protocol

MOST = 8_000  # callers at a time
OWN_DESCRIPTORS = 124  # kept for the database, files and whatever else a process opens
MOST_BYTES = 64 * 1024 * 1024  # of requests that are not whole, and of answers that nobody takes


class Caller(Protocol):
    def make_room(self) -> None:
        """Close the connection, because others want to connect."""


def make_places() -> int:
    """Let this process open as many files as it may and needs, and return how many callers then
    have a place. The limit on open files that it was given (`ulimit -n`) is only the usual one; it
    may raise it up to the hard limit (`ulimit -Hn`)."""
    usual, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + OWN_DESCRIPTORS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if usual != resource.RLIM_INFINITY and usual < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(1, allowed - OWN_DESCRIPTORS)


class Callers:
    """Each caller is either being served, or the server waits for it: for its next request, for
    the rest of one, or for it to take an answer."""

    def __init__(self, most: int, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._here: set[Caller] = set()
        self._waited_for: dict[Caller, None] = {}  # in the order in which waiting for them began
        self._bytes: dict[Caller, int] = {}  # in the order in which keeping began
        self._all_bytes = 0

    def __len__(self) -> int:
        return len(self._here)

    @property
    def places(self) -> int:
        """How many more can come without another being cut off."""
        return self._most - len(self._here)

    def come(self, caller: Caller) -> bool:
        """Whether there is room for the caller. Another one is cut off for it if necessary and
        possible."""
        has_room = len(self._here) < self._most or self._make_room()
        self._here.add(caller)
        self._waited_for[caller] = None
        return has_room

    def _make_room(self) -> bool:
        longest = next(iter(self._waited_for), None)
        if longest is None:
            return False
        self._cut_off(longest)
        return True

    def _cut_off(self, caller: Caller) -> None:
        self.leave(caller)
        caller.make_room()

    def leave(self, caller: Caller) -> None:
        self._here.discard(caller)
        self.serve(caller)

    def wait_for(self, caller: Caller) -> None:
        """The server waits for this caller from now on, unless it does so already."""
        if caller in self._here:
            self._waited_for.setdefault(caller)

    def keep(self, caller: Caller, size: int) -> None:
        """The server waits for this caller and keeps so many bytes meanwhile."""
        if caller not in self._here:
            return
        self._all_bytes += size - self._bytes.get(caller, 0)
        self._bytes[caller] = size
        while self._all_bytes > self._most_bytes:
            self._cut_off(next(iter(self._bytes)))

    def keep_nothing(self, caller: Caller) -> None:
        self._all_bytes -= self._bytes.pop(caller, 0)

    def serve(self, caller: Caller) -> None:
        self._waited_for.pop(caller, None)
        self.keep_nothing(caller)
