"""Clients that mix all verbs. Each draws its choices from its own stream of the seed."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from torture.calling import Caller, Request
from torture.journal import Call
from torture.world import KnownList, World, a_customer

TRIES = 3  # how often a request is sent again at once before it is left to the end of the run
WITH_KEY = 0.6  # of the requests that can have one


class Client:
    def __init__(self, caller: Caller, world: World) -> None:
        self.caller = caller
        self.random = caller.random
        self.world = world
        self._numbers = itertools.count()
        self._verbs: dict[Callable[[], object], int] = {
            self.claim_shared: 20,
            self.claim_one_of: 22,
            self.claim_what_was_handed_out: 10,
            self.claim_what_others_were_handed: 4,
            self.guess: 1,
            self.validate: 4,
            self.send_again: 12,
            self.misuse_a_key: 1,
            self.hand_out: 10,
            self.reverse: 6,
            self.cancel: 5,
            self.cancel_several: 1,
            self.undo: 1,
            self.edit_cap: 3,
            self.edit_end: 3,
            self.ask_for_codes: 1,
            self.read_claim: 3,
            self.read_list: 3,
        }

    def run(self, stop: threading.Event) -> None:
        verbs, weights = list(self._verbs), list(self._verbs.values())
        while not stop.is_set():
            (verb,) = self.random.choices(verbs, weights)
            verb()
            stop.wait(self.random.uniform(0, 0.02))

    def post(self, verb: str, path: str, body: dict[str, Any] | None, **sent: Any) -> Call:
        """With a key or without. With one, it is sent again if it was lost."""
        key = None
        if self.random.random() < WITH_KEY:
            key = f"{self.caller.name}-{next(self._numbers)}"
        request = Request(verb, "POST", path, body, sent, key)
        if key is None:
            return self.caller.send(request)
        self.world.note(request)
        for _ in range(TRIES):
            call = self.caller.send(request)
            if call.definite or self.random.random() < 0.2:
                break
        return call

    def claim_shared(self) -> None:
        if there := self.world.of_role(self.random, "shared", "brief"):
            self._claim(self._as_typed(there.codes[0]), a_customer(self.random))

    def claim_one_of(self) -> None:
        there = self.world.of_role(self.random, "capped", "open")
        if there and (code := there.near_front(self.random)):
            call = self._claim(self._as_typed(code), a_customer(self.random))
            if call.definite:
                there.used_up(code)

    def claim_what_was_handed_out(self) -> None:
        there = self.world.of_role(self.random, "bound", "open")
        if there and there.handed:
            recipient, code = self.random.choice(list(there.handed.items()))
            self._claim(code, recipient)

    def claim_what_others_were_handed(self) -> None:
        """The customer is one of many, because a wrong code counts as a guess."""
        there = self.world.of_role(self.random, "bound")
        if there and there.handed:
            code = self.random.choice(list(there.handed.values()))
            self._claim(code, f"stranger-{self.random.randrange(10_000)}")

    def _claim(self, code: str, customer: str) -> Call:
        body = {"code": code, "customer": customer}
        call = self.post("claim", "/claims", body, **body)
        if call.status == 201:
            self.world.claims.append(call.answer["id"])
            if self.random.random() < 0.5:  # whatever process is asked, it must be there by now
                self._read(call.answer["id"])
        return call

    def guess(self) -> None:
        body = {"code": f"WRONG{self.random.randrange(10**9)}"}
        body["customer"] = f"guesser-{self.random.randrange(4)}"
        self.caller.send(Request("claim", "POST", "/claims", body, dict(body)))

    def validate(self) -> None:
        if there := self.world.of_role(self.random, "shared", "brief", "capped", "open"):
            shared = there.shape.type == "multi_use"
            code = there.codes[0] if shared else there.near_front(self.random)
            if code:
                body = {"code": code, "customer": a_customer(self.random)}
                self.post("validate", "/validations", body, **body)

    def send_again(self) -> None:
        """The same request with the same key, maybe while the first one is still under way."""
        if self.world.keyed:
            self.caller.send(self.random.choice(self.world.keyed))

    def misuse_a_key(self) -> None:
        if self.world.keyed and (before := self.random.choice(self.world.keyed)).verb == "claim":
            body = {"code": "OTHERCODE", "customer": "somebody-else"}
            other = replace(before, verb="misuse", body=body, sent=body)
            if any(call.key == before.key and call.status in (201, 409) for call in self._recent()):
                self.caller.send(other)

    def _recent(self) -> list[Call]:
        return self.caller.journal.calls[-3_000:]

    def hand_out(self) -> None:
        there = self.world.of_role(self.random, "bound", "open")
        if there is None or (there.shape.role == "open" and self.random.random() < 0.7):
            return
        recipient = a_customer(self.random)
        path = f"/lists/{there.id}/handouts"
        call = self.post("hand_out", path, {"recipient": recipient}, list=there.id, by=recipient)
        if call.status in (200, 201):
            there.handed[recipient] = call.answer["code"]

    def reverse(self) -> None:
        if not self.world.claims:
            return
        claim = self.random.choice(self.world.claims)
        after = "available_again" if self.random.random() < 0.7 else "stays_used"
        path = f"/claims/{claim}/reversal"
        self.post("reverse", path, {"code": after}, claim=claim, code=after)

    def cancel(self) -> None:
        there = self.world.of_role(self.random, "open", "bound", "capped")
        if there and (code := there.near_front(self.random)):
            call = self.post("cancel", f"/codes/{code}/cancel", {}, code=code)
            if call.definite:
                there.used_up(code)

    def cancel_several(self) -> None:
        there = self.world.of_role(self.random, "open")
        if there and (left := there.codes[there.front : there.front + 8]):
            body = {"reason": "The printer lost them.", "codes": left}
            call = self.post("cancel_several", "/cancellations", body, codes=left)
            if call.status == 202:
                self.world.cancellations.append(call.answer["id"])

    def undo(self) -> None:
        if self.world.cancellations:
            job = self.random.choice(self.world.cancellations)
            self.post("undo", f"/cancellations/{job}/undo", None, job=job)

    def edit_cap(self) -> None:
        """A little above or below what is claimed now."""
        if there := self.world.of_role(self.random, "shared", "capped"):
            now = self.caller.get(f"/lists/{there.id}", "read_list", list=there.id)
            if now.succeeded:
                cap = max(1, now.answer["claim_count"] + self.random.randint(-2, 12))
                self._edit(there, entry_cap=cap)

    def edit_end(self) -> None:
        if there := self.world.of_role(self.random, "brief"):
            end = datetime.now(UTC).replace(microsecond=0) + self.random.randint(-1, 4) * _SECOND
            self._edit(there, ends_at=end.isoformat())

    def _edit(self, there: KnownList, **change: Any) -> None:
        sent = {"list": there.id, **change}
        self.caller.send(Request("edit", "PATCH", f"/lists/{there.id}", change, sent))

    def ask_for_codes(self) -> None:
        there = self.world.of_role(self.random, "open")
        if there and len(there.codes) < 400:
            ask_for_codes(self, there, self.random.randint(5, 40))

    def read_claim(self) -> None:
        if self.world.claims:
            self._read(self.random.choice(self.world.claims))

    def _read(self, claim: str) -> None:
        self.caller.get(f"/claims/{claim}", "read_claim", claim=claim)

    def read_list(self) -> None:
        if there := self.world.of_role(self.random, "shared", "capped", "brief", "open"):
            self.caller.get(f"/lists/{there.id}", "read_list", list=there.id)

    def _as_typed(self, code: str) -> str:
        """As a person might type it."""
        way = self.random.randrange(4)
        return (code, code.lower(), code.replace("-", ""), f" {code[:3]} {code[3:]} ")[way]


_SECOND = timedelta(seconds=1)


def ask_for_codes(client: Client, there: KnownList, quantity: int) -> None:
    """Ask for a batch; the shopkeeper tells everybody its codes when it is active."""
    path, body = f"/lists/{there.id}/batches", {"quantity": quantity}
    call = client.post("ask_for_codes", path, body, list=there.id, **body)
    if call.status == 202:
        client.world.batches.append((there, call.answer["id"]))
