"""Opens the lists of each stage, and tells the clients the codes of batches that became active."""

import itertools
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from torture.calling import Caller, Request
from torture.clients import Client, ask_for_codes
from torture.journal import Call
from torture.plan import STAGE_SECONDS, Plan, Shape
from torture.world import KnownList, World

FAR = timedelta(days=30)


class Shopkeeper(Client):
    def __init__(self, caller: Caller, world: World, plan: Plan) -> None:
        super().__init__(caller, world)
        self._plan = plan
        self._names = itertools.count()
        self._offer = ""

    def run(self, stop: threading.Event) -> None:
        self._insist(
            stop, Request("offer", "POST", "/offers", {"name": "Free coffee"}, key="offer")
        )
        begun = time.monotonic()
        for number, shapes in enumerate(self._plan.stages):
            for shape in shapes:
                self.open(stop, shape)
            while not stop.is_set() and time.monotonic() < begun + (number + 1) * STAGE_SECONDS:
                self.tell_codes()
                stop.wait(0.1)
        while not stop.wait(0.1):
            self.tell_codes()

    def open(self, stop: threading.Event, shape: Shape) -> None:
        if stop.is_set():
            return
        body = self._body(shape)
        key = f"{self.caller.name}-list-{next(self._names)}"
        sent = {"shape": shape.role, **body}
        request = Request("open", "POST", "/lists", body, sent, key)
        self.world.note(request)  # so that its answer is known in the end, even if it is lost here
        call = self._insist(stop, request)
        if call is None or not call.succeeded:
            return
        there = KnownList(call.answer["id"], shape, [body["code"]] if "code" in body else [])
        if shape.quantity:
            ask_for_codes(self, there, shape.quantity)
        self.world.lists.append(there)

    def _insist(self, stop: threading.Event, request: Request) -> Call | None:
        """Send it again with its key until there is an answer; None if the run ends before."""
        while not stop.is_set():
            call = self.caller.send(request)
            if call.definite:
                if request.verb == "offer":
                    self._offer = call.answer["id"]
                return call
            stop.wait(0.2)
        return None

    def _body(self, shape: Shape) -> dict[str, Any]:
        now = datetime.now(UTC).replace(microsecond=0)
        starts = now + timedelta(seconds=shape.starts_in)
        ends = starts + timedelta(seconds=shape.ends_in) if shape.ends_in else now + FAR
        body: dict[str, Any] = {
            "name": f"{shape.role} {now:%H:%M:%S}",
            "type": shape.type,
            "starts_at": starts.isoformat(),
            "ends_at": ends.isoformat(),
            "entry_cap": shape.cap,
            "outcomes": self._outcomes(shape),
        }
        if shape.type == "multi_use":
            body["code"] = f"{shape.role.capitalize()}{self.random.randrange(10**12)}"
        if shape.bound:
            body["handout"] = {"bound": True}
        return body

    def _outcomes(self, shape: Shape) -> dict[str, Any]:
        outcomes: dict[str, Any] = {"tags": list(shape.tags)}
        if shape.points:
            outcomes["points"] = shape.points
        if shape.offer and self._offer:
            outcomes["offers"] = [self._offer]
        return outcomes

    def tell_codes(self) -> None:
        for there, batch in list(self.world.batches):
            found = self.caller.get(f"/batches/{batch}", "read_batch", batch=batch)
            if found.succeeded and found.answer["status"] == "active":
                page = self.caller.get(
                    f"/batches/{batch}/codes?limit=1000", "read_codes", batch=batch
                )
                if page.succeeded:
                    there.codes += [one["code"] for one in page.answer["items"]]
                    self.world.batches.remove((there, batch))
