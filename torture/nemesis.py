"""Breaks things, as planned: kills, stops, restarts, delays, cuts and swallows. Every fault says
what it did; one that did nothing was promised in vain, and the run fails."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from tests.servers import wait_until
from torture.ground import Ground
from torture.plan import Fault
from torture.wire import Wire

OfWires = Callable[[list[Wire], Fault], int]
FOUND_WITHIN = 20.0  # seconds to wait for a process that is being restarted


@dataclass(frozen=True)
class Done:
    fault: Fault
    what: str
    count: int  # of processes, connections or pieces of data; 0: the fault did not happen


class Nemesis:
    def __init__(self, ground: Ground, say: Callable[[str], None]) -> None:
        self.done: list[Done] = []
        self.defects: list[str] = []
        self._ground = ground
        self._say = say
        self._deeds: dict[str, Callable[[Fault], int]] = {
            "kill a web process": partial(self._kill_child, "web"),
            "kill the worker": self._kill_worker,
            "kill the other web server": partial(self._kill_program, "other web"),
            "kill everything": partial(self._kill_program, "up"),
            "stop a web process": partial(self._freeze, "web"),
            "stop the worker": partial(self._freeze, "worker"),
            "restart the database": self._restart_database,
            "restart the web processes one by one": self._hang_up,
            "lock the database": self._lock_database,
            "delay the database": lambda fault: _delay(self._ground.of_database, fault, 0.12),
            "cut the database": lambda fault: _cut(self._ground.of_database, fault),
            "cut at COMMIT, before it is done": partial(self._cut_at_commit, "before"),
            "cut at COMMIT, after it is done": partial(self._cut_at_commit, "after"),
            "swallow what goes to the database": lambda f: _swallow(self._ground.of_database, f),
            "cut the callers": lambda fault: _cut(self._ground.of_callers, fault),
            "delay the callers": lambda fault: _delay(self._ground.of_callers, fault, 0.3),
            "swallow what callers send": lambda fault: _swallow(self._ground.of_callers, fault),
        }

    def carry_out(self, faults: list[Fault], begun: float) -> None:
        """One after the other, each at its time or, if the one before took longer, after it."""
        for fault in faults:
            time.sleep(max(0.0, begun + fault.at - time.monotonic()))
            try:
                count = self._deeds[fault.kind](fault)
            except (AssertionError, OSError, RuntimeError) as error:
                self.defects.append(f"{fault.kind}: {error}")
                count = 0
            self.done.append(Done(fault, fault.kind, count))
            self._say(f"{time.monotonic() - begun:6.1f} s  {fault.kind}: {count}")

    def in_vain(self) -> list[str]:
        """Kinds of faults that were planned and never happened."""
        planned = {one.what for one in self.done}
        return sorted(planned - {one.what for one in self.done if one.count})

    def _web(self) -> tuple[str, str]:
        """The program with several processes, and what the command line of a web process has."""
        return ("up" if self._ground.cluster is None else "web"), " web"

    def _child(self, part: str, which: int) -> int:
        """A web or worker process that runs now."""
        name, web = self._web()
        self._ground.start_what_ended()
        if part == "worker" and self._ground.cluster is not None:
            process = self._ground.named("worker").process
            assert process is not None
            return process.pid
        program, wanted = self._ground.named(name), web if part == "web" else " worker"
        found: list[int] = []

        def there() -> bool:
            found[:] = self._ground.children(program, wanted)
            return bool(found)

        wait_until(there, FOUND_WITHIN)
        return found[which % len(found)]

    def _kill_child(self, part: str, fault: Fault) -> int:
        """Its parent starts it again."""
        os.kill(self._child(part, fault.which), signal.SIGKILL)
        return 1

    def _kill_worker(self, fault: Fault) -> int:
        if self._ground.cluster is None:
            return self._kill_child("worker", fault)
        return self._kill_program("worker", fault)

    def _kill_program(self, name: str, fault: Fault) -> int:
        self._ground.start_what_ended()
        program = self._ground.named(name)
        killed = self._ground.kill(program)
        time.sleep(fault.seconds / 2)
        self._ground.start(program)
        return killed

    def _freeze(self, part: str, fault: Fault) -> int:
        pid = self._child(part, fault.which)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(fault.seconds)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        return 1

    def _restart_database(self, fault: Fault) -> int:
        cluster = self._ground.cluster
        assert cluster is not None
        cluster.stop("immediate")
        time.sleep(fault.seconds / 4)
        cluster.start()
        return 1

    def _hang_up(self, fault: Fault) -> int:
        process = self._ground.named("web").process
        assert process is not None
        process.send_signal(signal.SIGHUP)
        time.sleep(fault.seconds)
        return 1

    def _lock_database(self, fault: Fault) -> int:
        with self._ground.locked():
            time.sleep(fault.seconds)
        return 1

    def _cut_at_commit(self, how: str, fault: Fault) -> int:
        wires = self._ground.of_database[:2]  # those of the web servers
        before = sum(wire.cuts for wire in wires)
        for wire in wires:
            wire.cut = how
        _wait_for(lambda: sum(wire.cuts for wire in wires) > before)
        for wire in wires:
            wire.cut = None
        return sum(wire.cuts for wire in wires) - before


def _chosen(wires: list[Wire], fault: Fault) -> list[Wire]:
    """All of them, or one."""
    return wires if fault.which % 3 == 0 else [wires[fault.which % len(wires)]]


def _wait_for(happened: Callable[[], bool]) -> None:
    """Until it has happened, or for so long that it was in vain."""
    deadline = time.monotonic() + FOUND_WITHIN
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)


def _delay(wires: list[Wire], fault: Fault, most: float) -> int:
    chosen = _chosen(wires, fault)
    before = sum(wire.delayed for wire in chosen)
    for wire in chosen:
        wire.delay = 0.01 + fault.size * most
    time.sleep(fault.seconds)
    _wait_for(lambda: sum(wire.delayed for wire in chosen) > before)
    for wire in chosen:
        wire.delay = 0.0
    return sum(wire.delayed for wire in chosen) - before


def _cut(wires: list[Wire], fault: Fault) -> int:
    """Cut all connections several times while the fault lasts, or once there are some."""
    count, begun = 0, time.monotonic()
    while (lasted := time.monotonic() - begun) < fault.seconds or not count:
        if lasted > fault.seconds + FOUND_WITHIN:
            break
        count += sum(wire.cut_all() for wire in _chosen(wires, fault))
        time.sleep(0.2 + fault.size)
    return count


def _swallow(wires: list[Wire], fault: Fault) -> int:
    """Afterwards the connections are cut, since both sides have lost something."""
    chosen = _chosen(wires, fault)
    before = sum(wire.swallowed for wire in chosen)
    for wire in chosen:
        wire.swallowing = True
    time.sleep(fault.seconds)
    _wait_for(lambda: sum(wire.swallowed for wire in chosen) > before)
    for wire in chosen:
        wire.swallowing = False
        wire.cut_all()
    return sum(wire.swallowed for wire in chosen) - before
