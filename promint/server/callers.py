"""Counts connected callers. If there are too many, the one for whom the server has waited
longest is cut off."""

import resource
from typing import Protocol

MOST = 900  # callers at a time
OWN_DESCRIPTORS = 124  # kept for the database, files and whatever else a process opens


class Caller(Protocol):
    def make_room(self) -> None:
        """Close the connection, because others want to connect."""


def most() -> int:
    """How many callers at a time, given how many files the process may open (`ulimit -n`)."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return MOST
    return max(1, min(MOST, allowed - OWN_DESCRIPTORS))


class Callers:
    """Each caller is either being served, or the server waits for it: for its next request, for
    the rest of one, or for it to take an answer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: set[Caller] = set()
        self._waited_for: dict[Caller, None] = {}  # in the order in which waiting for them began

    def __len__(self) -> int:
        return len(self._here)

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
        self.leave(longest)
        longest.make_room()
        return True

    def leave(self, caller: Caller) -> None:
        self._here.discard(caller)
        self._waited_for.pop(caller, None)

    def wait_for(self, caller: Caller) -> None:
        """The server waits for this caller from now on, unless it does so already."""
        if caller in self._here:
            self._waited_for.setdefault(caller)

    def serve(self, caller: Caller) -> None:
        self._waited_for.pop(caller, None)
