"""Machines that are network namespaces, joined by a switch that is one too. Nothing of it can be
reached from outside, and all of it is gone after the block."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NETWORK = "10.77.0"


def ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


class Machine:
    """`processes`: what was started on it and has not ended by itself."""

    def __init__(self, namespace: str, address: str) -> None:
        self.namespace, self.address = namespace, address
        self.prefix = ("ip", "netns", "exec", namespace)

    def start(self, command: list[str | Path], log: Path, user: str | None = None) -> None:
        """The command ends with the machine."""
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        with open(log, "ab") as out:
            subprocess.Popen(
                [*self.prefix, *as_user, *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def pids(self) -> list[int]:
        """Of all that runs there, children too."""
        return [int(pid) for pid in ip("netns", "pids", self.namespace).split()]

    def signal(self, number: signal.Signals) -> None:
        for pid in self.pids():
            if pid != os.getpid():
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def kill(self) -> None:
        """As if its power was cut: nothing that runs there can do anything more."""
        self.signal(signal.SIGSTOP)  # so that nothing is started meanwhile
        self.signal(signal.SIGKILL)

    def cut_off(self, *others: "Machine") -> None:
        """Nothing that is sent to the others arrives."""
        for other in others:
            self._ip("route", "add", "blackhole", f"{other.address}/32")

    def join(self, *others: "Machine") -> None:
        for other in others:
            self._ip("route", "del", "blackhole", f"{other.address}/32")

    def _ip(self, *words: str) -> None:
        ip("-n", self.namespace, *words)

    def enter(self) -> None:
        """Be on this machine from now on, with all threads that begin later."""
        with open(f"/run/netns/{self.namespace}") as namespace:
            os.setns(namespace.fileno(), os.CLONE_NEWNET)


@contextmanager
def network(*names: str) -> Iterator[list[Machine]]:
    """Each machine reaches each other one, until it is cut off."""
    run = f"pm{secrets.token_hex(2)}"
    switch = f"{run}-switch"
    machines = [Machine(f"{run}-{name}", f"{NETWORK}.{n}") for n, name in enumerate(names, 10)]
    try:
        ip("netns", "add", switch)
        ip("-n", switch, "link", "add", "switch", "type", "bridge")
        ip("-n", switch, "link", "set", "switch", "up")
        for number, machine in enumerate(machines):
            _plug_in(machine, switch, f"port{number}")
        yield machines
    finally:
        for machine in machines:
            with suppress(RuntimeError):  # it was not made
                machine.kill()
        for namespace in (*(machine.namespace for machine in machines), switch):
            with suppress(RuntimeError):
                ip("netns", "delete", namespace)


def _plug_in(machine: Machine, switch: str, port: str) -> None:
    space = machine.namespace
    ip("netns", "add", space)
    cable = ["type", "veth", "peer", "name", port, "netns", switch]
    ip("-n", space, "link", "add", "eth0", *cable)
    ip("-n", switch, "link", "set", port, "master", "switch", "up")
    ip("-n", space, "address", "add", f"{machine.address}/24", "dev", "eth0")
    for device in ("lo", "eth0"):
        ip("-n", space, "link", "set", device, "up")
