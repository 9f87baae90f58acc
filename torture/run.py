"""One run on one database: plan, load with faults, calm, reading, judgement."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.servers import wait_until
from torture import checker
from torture.calling import Caller
from torture.checker import Finding, History
from torture.clients import Client
from torture.final import Reader
from torture.ground import PROMISED_READY, Ground
from torture.journal import Journal
from torture.nemesis import Nemesis
from torture.plan import Plan
from torture.shopkeeper import Shopkeeper
from torture.world import World

CALM_SECONDS = 4.0
READERS = 12  # at a time; more would only wait for each other
ENDS_WITHIN = 120.0  # seconds for a client to notice that the run is over


@dataclass
class Outcome:
    findings: list[Finding]
    in_vain: list[str]  # faults that were promised and did not happen
    figures: dict[str, object]
    journal: Path


class Run:
    def __init__(self, plan: Plan, ground: Ground, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._ground = ground
        self._say = say
        self._journal = Journal(ground.directory / "journal.jsonl")
        self._world = World()
        self._nemesis = Nemesis(ground, say)
        self._defects: list[str] = []

    def _caller(self, name: str) -> Caller:
        chosen = self._plan.stream(name)
        return Caller(name, self._ground.ports, self._ground.api_key, self._journal, chosen)

    def carry_out(self) -> Outcome:
        clients = [
            Client(self._caller(f"client {number}"), self._world)
            for number in range(self._plan.clients)
        ]
        shop = Shopkeeper(self._caller("shop"), self._world, self._plan)
        self._together([*clients, shop], self._break_things)
        self._say("no more faults; everything must go through now")
        self._journal.phase = "calm"
        wait_until(self._ground.is_well, PROMISED_READY)
        self._say("sending again what got no answer")
        callers = [self._caller(f"reader {number}") for number in range(READERS)]
        reader = Reader(callers, self._world)
        open_calls = reader.settle()
        self._say("claiming without faults")
        self._open_last_lists(shop)
        self._together([*clients, shop], lambda: time.sleep(CALM_SECONDS))
        self._say("reading everything")
        final = reader.read()
        final.doctor = self._ground.doctor()
        final.problems += self._defects + self._nemesis.defects
        self._say("judging")
        findings = checker.judge(History(self._journal.calls, final))
        figures = self._figures(len(final.lists)) | {"sent again at the end": open_calls}
        return Outcome(findings, self._nemesis.in_vain(), figures, self._journal.file)

    def _open_last_lists(self, shop: Shopkeeper) -> None:
        """Lists for the phase without faults, and no further ones."""
        for shape in self._plan.stages[0]:
            shop.open(threading.Event(), shape)
        self._plan.stages.clear()

    def _together(self, clients: list[Client], meanwhile: Callable[[], None]) -> None:
        stop = threading.Event()
        threads = [
            threading.Thread(target=self._run, args=(client, stop), name=client.caller.name)
            for client in clients
        ]
        for thread in threads:
            thread.start()
        try:
            meanwhile()
        finally:
            stop.set()
            for thread in threads:
                thread.join(ENDS_WITHIN)

    def _run(self, client: Client, stop: threading.Event) -> None:
        try:
            client.run(stop)
        except Exception as defect:
            self._defects.append(f"{client.caller.name} failed: {defect!r}")
            raise

    def _break_things(self) -> None:
        begun = time.monotonic()
        sequences = (self._plan.of_processes, self._plan.of_wires)
        threads = [
            threading.Thread(target=self._nemesis.carry_out, args=(faults, begun))
            for faults in sequences
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(max(0.0, begun + self._plan.seconds - time.monotonic()))

    def _figures(self, lists: int) -> dict[str, object]:
        calls = self._journal.calls
        answers = Counter(
            call.trouble or call.error or str(call.status) for call in calls if call.verb != "look"
        )
        faults: Counter[str] = Counter()
        for done in self._nemesis.done:
            faults[done.what] += bool(done.count)
        return {
            "calls": sum(answers.values()),
            "claims": len({c.answer["id"] for c in calls if c.verb == "claim" and c.status == 201}),
            "lists": lists,
            "verbs": dict(Counter(c.verb for c in calls if c.verb != "look").most_common()),
            "answers": dict(answers.most_common()),
            "faults": dict(faults),
        }
