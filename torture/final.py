"""Brings the system to rest after the faults, and reads all of it through the API."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar
from urllib.parse import quote

from torture.calling import Caller, Request
from torture.journal import Call
from torture.world import World

Row = dict[str, Any]
One = TypeVar("One")
Found = TypeVar("Found")
RESTS_WITHIN = 120.0  # seconds until all batches and cancellations are done


@dataclass
class ListAsRead:
    facts: Row
    claims: list[Row]
    codes: list[Row] = field(default_factory=list)
    batches: list[Row] = field(default_factory=list)
    handouts: list[Row] = field(default_factory=list)


@dataclass
class Final:
    """`jobs`: the cancellations in bulk. `problems`: what could not be read or did not come to
    rest."""

    lists: dict[str, ListAsRead] = field(default_factory=dict)
    customers: dict[str, Row] = field(default_factory=dict)
    jobs: dict[str, Row] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    doctor: tuple[int, str] = (0, "")


class Reader:
    """Sends as many requests at a time as it has callers, since after an hour there are tens of
    thousands to send."""

    def __init__(self, callers: list[Caller], world: World) -> None:
        self._journal = callers[0].journal
        self._world = world
        self._at_once = len(callers)
        self._idle: SimpleQueue[Caller] = SimpleQueue()
        for caller in callers:
            self._idle.put(caller)
        self.final = Final()

    def settle(self) -> int:
        """Send every request whose outcome is unknown again, if it has a key or changes nothing
        when it is done twice. Returns how many these were."""
        return len(self._of_each(self._send, list(self._unknown())))

    def _unknown(self) -> Iterator[Request]:
        answered = {call.key for call in self._journal.calls if call.key and call.definite}
        for key, request in self._world.keyed_ever.items():
            if key not in answered:
                yield request
        for call in self._journal.of("reverse"):
            if call.key is None and call.unknown:
                path, body = f"/claims/{call.sent['claim']}/reversal", {"code": call.sent["code"]}
                yield Request("reverse", "POST", path, body, call.sent)

    def read(self) -> Final:
        lists = [row["id"] for row in self._pages("/lists?sort=created_at&", "offset")]
        self.final.lists = dict(zip(lists, self._of_each(self._list, lists), strict=True))
        claimed = {one["customer"] for read in self.final.lists.values() for one in read.claims}
        customers = sorted(claimed)
        found = self._of_each(self._customer, customers)
        self.final.customers = dict(zip(customers, found, strict=True))
        jobs = [row["id"] for row in self._pages("/cancellations?", "offset")]
        self.final.jobs = dict(zip(jobs, self._of_each(self._job, jobs), strict=True))
        return self.final

    def _of_each(self, find: Callable[[One], Found], those: Iterable[One]) -> list[Found]:
        """What is found for each of those, in their order."""
        with ThreadPoolExecutor(self._at_once) as threads:
            return list(threads.map(find, those))

    def _send(self, request: Request) -> Call:
        caller = self._idle.get()
        try:
            return caller.send(request)
        finally:
            self._idle.put(caller)

    def _customer(self, name: str) -> Row:
        return self._get(f"/customers/{quote(name, safe='')}")

    def _job(self, job: str) -> Row:
        return self._at_rest(f"/cancellations/{job}", _is_done)

    def _list(self, list_id: str) -> ListAsRead:
        batches = [
            self._at_rest(f"/batches/{one['id']}", lambda row: row.get("status") == "active")
            for one in self._pages(f"/lists/{list_id}/batches?", "offset")
        ]
        facts = self._get(f"/lists/{list_id}")
        read = ListAsRead(facts, self._pages(f"/lists/{list_id}/claims?"), batches=batches)
        if facts.get("type") == "single_use":
            read.codes = self._pages(f"/lists/{list_id}/codes?")
            read.handouts = self._pages(f"/lists/{list_id}/handouts?")
        return read

    def _at_rest(self, path: str, rests: Any) -> Row:
        deadline = time.monotonic() + RESTS_WITHIN
        while not rests(row := self._get(path)):
            if time.monotonic() > deadline:
                self.final.problems.append(f"{path} did not come to rest: {row}")
                break
            time.sleep(0.2)
        return row

    def _get(self, path: str) -> Row:
        call = self._send(Request("look", "GET", path))
        if not call.succeeded:
            self.final.problems.append(f"GET {path}: {call.status} {call.trouble} {call.body!r}")
        return call.answer

    def _pages(self, path: str, by: str = "cursor") -> list[Row]:
        """All rows of a collection, by cursor or by offset."""
        rows: list[Row] = []
        place: object = None if by == "cursor" else 0
        while True:
            more = f"&{by}={quote(str(place))}" if place else ""
            page = self._get(f"{path}limit=500{more}")
            found = page.get("items", [])
            rows += found
            place = page.get("next") if by == "cursor" else len(rows)
            if (by == "cursor" and not place) or (by == "offset" and not found):
                return rows


def _is_done(job: Row) -> bool:
    undo = job.get("undo")
    return bool(undo["undone_at"]) if undo else job.get("status") in ("active", "failed")
