"""Brings the system to rest after the faults, and reads all of it through the API."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from torture.calling import Caller, Request
from torture.world import World

Row = dict[str, Any]
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
    def __init__(self, caller: Caller, world: World) -> None:
        self._caller = caller
        self._world = world
        self.final = Final()

    def settle(self) -> int:
        """Send every request whose outcome is unknown again, if it has a key or changes nothing
        when it is done twice. Returns how many these were."""
        journal = self._caller.journal
        answered = {call.key for call in journal.calls if call.key and call.definite}
        sent = 0
        for key, request in self._world.keyed_ever.items():
            if key not in answered:
                sent += 1
                self._caller.send(request)
        for call in list(journal.of("reverse")):
            if call.key is None and call.unknown:
                sent += 1
                path, body = f"/claims/{call.sent['claim']}/reversal", {"code": call.sent["code"]}
                self._caller.send(Request("reverse", "POST", path, body, call.sent))
        return sent

    def read(self) -> Final:
        lists = self._pages("/lists?sort=created_at&", "offset")
        for facts in lists:
            self.final.lists[facts["id"]] = self._list(facts["id"])
        claimed = {one["customer"] for read in self.final.lists.values() for one in read.claims}
        for customer in sorted(claimed):
            self.final.customers[customer] = self._get(f"/customers/{quote(customer, safe='')}")
        for job in self._pages("/cancellations?", "offset"):
            self.final.jobs[job["id"]] = self._at_rest(f"/cancellations/{job['id']}", _is_done)
        return self.final

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
        call = self._caller.get(path)
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
