"""`promint up` restarts a process that dies, stops cleanly, and leaves no process behind."""

import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.servers import Server, wait_until


def _children(pid: int) -> dict[str, int]:
    """The process ids of the supervised processes, by their kind."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError):
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            found["worker" if b"worker" in words else "web"] = int(child)
    return found


def _catches_sigterm(pid: int) -> bool:
    """Whether the process catches SIGTERM. Before that, Python is still starting."""
    (caught,) = re.findall(r"SigCgt:\s+(\w+)", Path(f"/proc/{pid}/status").read_text())
    return bool(int(caught, 16) >> signal.SIGTERM - 1 & 1)


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_killed_web_and_a_killed_worker_come_back(server: Server) -> None:
    (up,) = server.processes
    for name in ("web", "worker"):
        before = _children(up.pid)
        os.kill(before[name], signal.SIGKILL)
        wait_until(lambda b=before, n=name: _children(up.pid).get(n) not in (None, b[n]), 30)
    wait_until(lambda: _healthy(server), 60)
    assert "web ended with -9" in server.log.read_text()


def _healthy(server: Server) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200
    return False


def test_sigterm_stops_all_within_ten_seconds_and_ends_with_0(server: Server) -> None:
    (up,) = server.processes
    children = _children(up.pid).values()
    assert len(children) == 2
    up.terminate()
    assert up.wait(10) == 0
    assert all(_gone(pid) for pid in children)


@pytest.mark.parametrize("command", ["up", "web", "worker"])
def test_sigterm_while_it_starts_ends_with_0(tmp_path: Path, command: str) -> None:
    with Server.migrated(tmp_path) as server:
        for after in (0, 0.2, 0.6):
            starting = server.start([command], {})
            wait_until(lambda pid=starting.pid: _catches_sigterm(pid), 30, every=0.002)
            time.sleep(after)
            starting.terminate()
            assert starting.wait(20) == 0


def test_a_killed_supervisor_leaves_no_process_behind(server: Server) -> None:
    (up,) = server.processes
    children = _children(up.pid).values()
    up.kill()
    up.wait()
    wait_until(lambda: all(_gone(pid) for pid in children), 20)


def test_a_taken_port_is_said_at_once(server: Server) -> None:
    port = server.url.rsplit(":", 1)[1]
    done = server.run("up", "--port", port)
    assert done.returncode == 1
    assert f"--port {port}" in done.stderr


@pytest.mark.parametrize("command", ["web", "worker", "doctor", "key create Till --scope claim"])
def test_a_database_that_is_not_migrated_is_said_at_once(tmp_path: Path, command: str) -> None:
    with Server.of_its_own(tmp_path) as server:
        done = server.run(*command.split())
        assert done.returncode == 1
        assert "promint migrate" in done.stderr
