"""Several people act at the same moment, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection

from promint.core.rules.refusals import Refused

R = TypeVar("R")


def all_at_once(deeds: Sequence[Callable[[], R]]) -> list[R | Refused]:
    """What each action returned, in the order of the actions."""
    brought: list[R | Refused | None] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def do(place: int) -> None:
        start.wait()
        try:
            brought[place] = deeds[place]()
        except Refused as refused:
            brought[place] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=[place]) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return brought  # type: ignore[return-value]
