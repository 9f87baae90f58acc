"""What all clients know: the open lists, their codes, and what was called a moment ago. It is
shared so that they meet at the same codes."""

import random
from collections import deque
from dataclasses import dataclass, field

from torture.calling import Request
from torture.plan import Shape

CUSTOMERS = 150
LISTS_IN_USE = 10  # the newest ones; two stages


@dataclass
class KnownList:
    """`codes`: those that can be claimed, as far as a client has seen. `front`: the codes before
    this one are mostly used up, so everybody tries those behind it."""

    id: str
    shape: Shape
    codes: list[str] = field(default_factory=list)
    front: int = 0
    handed: dict[str, str] = field(default_factory=dict)  # code by recipient

    def near_front(self, chosen: random.Random) -> str | None:
        place = self.front + int(chosen.expovariate(0.7))
        return self.codes[place] if place < len(self.codes) else None

    def used_up(self, code: str) -> None:
        if self.front < len(self.codes) and self.codes[self.front] == code:
            self.front += 1


class World:
    def __init__(self) -> None:
        self.lists: list[KnownList] = []
        self.claims: deque[str] = deque(maxlen=80)  # ids
        self.keyed: deque[Request] = deque(maxlen=60)  # sent a moment ago, maybe not answered yet
        self.keyed_ever: dict[str, Request] = {}
        self.cancellations: deque[str] = deque(maxlen=6)
        self.batches: list[tuple[KnownList, str]] = []  # whose codes nobody has read yet

    def note(self, request: Request) -> None:
        """A request with a key, which anybody may send again."""
        assert request.key is not None
        self.keyed.append(request)
        self.keyed_ever[request.key] = request

    def of_role(self, chosen: random.Random, *roles: str) -> KnownList | None:
        """One of the newest lists of these roles, the newest of all more often."""
        found = [one for one in self.lists[-LISTS_IN_USE:] if one.shape.role in roles]
        if not found:
            return None
        return found[-1] if chosen.random() < 0.7 else chosen.choice(found)


def a_customer(chosen: random.Random) -> str:
    return f"customer-{chosen.randrange(CUSTOMERS)}"
