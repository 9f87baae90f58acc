"""Requests that wait at the same time are served together, by the one that came first.

A request that arrives during a commit waits for the next one; a request that is alone is served at
once. This needs no thread and no timer: one of the waiting requests serves the others.
"""

import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MOST = 256  # requests served together


class _Ticket(Generic[T]):
    def __init__(self, who: str) -> None:
        self.who = who
        self.called = threading.Event()
        self.leads = False
        self.result: Callable[[], T]

    def give(self, given: T) -> None:
        self.result = lambda: given

    def refuse(self, error: BaseException) -> None:
        def refused() -> T:
            raise error

        self.result = refused


class Together(Generic[K, T]):
    """`serve` returns a result for each of those who ask for the same kind of thing. An
    exception from it is raised for all of them."""

    def __init__(self, serve: Callable[[K, list[str]], Mapping[str, T]]) -> None:
        self._serve = serve
        self._lock = threading.Lock()
        self._waiting: dict[K, list[_Ticket[T]]] = {}  # those who wait for the one that is served

    def ask(self, kind: K, who: str) -> T:
        """The result of `serve` for `who`."""
        ticket: _Ticket[T] = _Ticket(who)
        with self._lock:
            ticket.leads = kind not in self._waiting
            if ticket.leads:
                self._waiting[kind] = []
            else:
                self._waiting[kind].append(ticket)
        if not ticket.leads:
            ticket.called.wait()
        if ticket.leads:
            self._lead(kind, ticket)
        return ticket.result()

    def _lead(self, kind: K, own: _Ticket[T]) -> None:
        group = self._group(kind, own)
        try:
            given = self._serve(kind, list(group))
            for who, ticket in group.items():
                ticket.give(given[who])
        except BaseException as error:
            for ticket in group.values():
                ticket.refuse(error)
        finally:
            self._hand_over(kind)
            for ticket in group.values():
                ticket.called.set()

    def _group(self, kind: K, own: _Ticket[T]) -> dict[str, _Ticket[T]]:
        """Each recipient once; a second request of the same one waits for the next group."""
        group = {own.who: own}
        with self._lock:
            later = []
            for ticket in self._waiting[kind]:
                if ticket.who in group or len(group) == MOST:
                    later.append(ticket)
                else:
                    group[ticket.who] = ticket
            self._waiting[kind] = later
        return group

    def _hand_over(self, kind: K) -> None:
        with self._lock:
            if not self._waiting[kind]:
                del self._waiting[kind]
                return
            following = self._waiting[kind].pop(0)
        following.leads = True
        following.called.set()
