"""Web and worker under one parent: started, started again when one dies, stopped together."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

FIRST_DELAY = 0.5  # seconds before the first restart; doubles
LONGEST_DELAY = 30.0  # seconds
HEALTHY_AFTER = 60.0  # seconds of life that make the next restart quick again
STOP_SECONDS = 9.0
SUPERVISED = "PROMINT_SUPERVISED"

log = logging.getLogger(__name__)


@dataclass
class Child:
    name: str
    arguments: list[str]
    delay: float = FIRST_DELAY
    started: float = 0.0
    due: float = 0.0  # when to start it; monotonic
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        self.started = time.monotonic()
        # The pipe is never written to. When this process ends, however it ends, it closes, and
        # the child stops: see stop_with_parent.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "promint.cli", *self.arguments],
            stdin=subprocess.PIPE,
            env={**os.environ, SUPERVISED: "1"},
            start_new_session=True,
        )

    def watch(self) -> None:
        """Start it when it is due; when it has died, say so and make it due again."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            lived = time.monotonic() - self.started
            self.delay = FIRST_DELAY if lived > HEALTHY_AFTER else self.delay
            log.error("%s ended with %s; again in %.1f s.", self.name, code, self.delay)
            self.due, self.process = time.monotonic() + self.delay, None
            self.delay = min(self.delay * 2, LONGEST_DELAY)


def run(commands: dict[str, list[str]]) -> None:
    """Keep the commands of `promint` running until SIGTERM or SIGINT, then stop them all."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    children = [Child(name, arguments) for name, arguments in commands.items()]
    try:
        while not stop.is_set():
            for child in children:
                child.watch()
            stop.wait(0.2)
    finally:
        _stop([child.process for child in children if child.process is not None])


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


def stop_with_parent() -> None:
    """In a supervised child: end as if told to when the parent is gone."""
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
