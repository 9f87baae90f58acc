"""Runs web and worker processes under one parent: starts them, restarts one that dies, and stops
them together.

The parent owns the listening socket, so callers wait while a web process restarts.
"""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from promint.core import measures
from promint.server import listening, metrics

SECOND_DELAY = 0.5  # seconds; the first restart is at once, the second after this, then it doubles
LONGEST_DELAY = 30.0  # seconds
LONGEST_WEB_DELAY = 5.0  # seconds; shorter, because callers wait for it
HEALTHY_AFTER = 60.0  # seconds after which the next restart is quick again
STOP_SECONDS = 9.0
READY_SECONDS = 60.0  # how long to wait for a restarted process before the next is restarted
SUPERVISED = "PROMINT_SUPERVISED"  # names the pipe in which a child says that it is ready

log = logging.getLogger(__name__)


@dataclass
class Child:
    name: str
    arguments: list[str]
    longest_delay: float = LONGEST_DELAY
    accepting: socket.socket | None = None  # where a web process takes its connections
    delay: float = 0.0
    started: float = 0.0
    due: float = 0.0  # when to start it; monotonic
    process: subprocess.Popen[bytes] | None = field(default=None)
    ready: int = -1  # the read end of its pipe

    def start(self) -> None:
        self.started = time.monotonic()
        self._close_pipe()
        self.ready, says_ready = os.pipe()
        inherited = [says_ready]
        environment = {
            **os.environ,
            SUPERVISED: str(says_ready),
            metrics.PLACE: self.name.replace(" ", "-"),
        }
        if self.accepting is not None:
            inherited.append(self.accepting.fileno())
            environment[listening.SOCKET] = str(self.accepting.fileno())
        # The child's standard input is a pipe to which nothing is written. When this process ends,
        # for whatever reason, the pipe closes and the child stops: see stop_with_parent.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "promint.cli", *self.arguments],
            stdin=subprocess.PIPE,
            env=environment,
            pass_fds=inherited,
            start_new_session=True,
        )
        os.close(says_ready)

    def _close_pipe(self) -> None:
        if self.ready >= 0:
            os.close(self.ready)
            self.ready = -1

    def watch(self) -> None:
        """Start it when it is due. If it has died, log that and make it due again."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            lived = time.monotonic() - self.started
            self.delay = 0.0 if lived > HEALTHY_AFTER else self.delay
            log.error("%s ended with %s; again in %.1f s.", self.name, code, self.delay)
            measures.restarted(self.name)
            self.due, self.process = time.monotonic() + self.delay, None
            self.delay = min(max(self.delay * 2, SECOND_DELAY), self.longest_delay)

    def restart(self) -> bool:
        """Let it finish what it has begun, start it again, and wait. Returns whether it is ready
        again."""
        if self.process is not None:
            _stop([self.process])
        self.start()
        served, _, _ = select.select([self.ready], [], [], READY_SECONDS)
        return bool(served) and os.read(self.ready, 1) == b"1"  # nothing to read: it has ended


def run(children: list[Child]) -> None:
    """Keep the children running until SIGTERM or SIGINT, then stop them all. SIGHUP restarts
    them one after the other: the others continue, and new callers wait in the listening socket."""
    stop, restart, wake = threading.Event(), threading.Event(), threading.Event()
    wanted = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: restart}

    def told(number: int, _frame: object) -> None:
        wanted[signal.Signals(number)].set()
        wake.set()

    for number in wanted:
        signal.signal(number, told)
    measures.begins(processes=[child.name for child in children])
    try:
        while not stop.is_set():
            for child in children:
                child.watch()
            wake.wait(0.2)
            wake.clear()
            if restart.is_set():
                restart.clear()
                _restart(children, stop)
    finally:
        _stop([child.process for child in children if child.process is not None])


def _restart(children: list[Child], stop: threading.Event) -> None:
    for child in children:
        if stop.is_set():
            return
        if not child.restart() and not stop.is_set():
            log.error("%s did not start again; the other processes stay as they are.", child.name)
            return
        log.info("%s is restarted.", child.name)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("Process %d did not stop in time and is killed.", process.pid)
            process.kill()
            process.wait()


def is_child() -> bool:
    return SUPERVISED in os.environ


def tell_ready() -> None:
    """Called in a supervised child: it is ready from now on."""
    if descriptor := os.environ.get(SUPERVISED):
        os.write(int(descriptor), b"1")


def stop_with_parent() -> None:
    """Called in a supervised child: end as after SIGTERM when the parent is gone."""
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
