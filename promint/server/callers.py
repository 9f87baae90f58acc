"""Who is connected. When there are too many, whoever has kept us waiting longest makes room."""

import resource
from typing import Protocol

MOST = 900  # callers at a time
OWN_DESCRIPTORS = 124  # kept for the database, files and what else a process opens


class Caller(Protocol):
    def make_room(self) -> None:
        """Cut off, because others want to come in."""


def most() -> int:
    """Callers at a time, by what the process may open (`ulimit -n`)."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return MOST
    return max(1, min(MOST, allowed - OWN_DESCRIPTORS))


class Callers:
    """A caller is being served, or we wait for it: for its next request, for the rest of one, or
    for it to take an answer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: set[Caller] = set()
        self._waited_for: dict[Caller, None] = {}  # the one we wait for longest first

    def come(self, caller: Caller) -> bool:
        """Whether there is room for it: made, if need be and possible."""
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
        """From now on, unless we do already."""
        if caller in self._here:
            self._waited_for.setdefault(caller)

    def serve(self, caller: Caller) -> None:
        self._waited_for.pop(caller, None)
