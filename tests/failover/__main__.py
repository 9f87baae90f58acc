"""python -m tests.failover [FAULT …]: what happens to claims, and for how long they pause."""

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import databases
from tests.everything import downloaded
from tests.failover import faults, installation
from tests.failover.installation import Load
from tests.failover.network import Machine, network
from tests.failover.servers import LONG, Place
from tests.servers import wait_until

NAMES = [f"{kind}{number}" for kind in ("etcd", "pg") for number in (1, 2, 3)]
NAMES += ["proxy", "web1", "web2", "worker", "client"]
BEFORE = 3.0  # seconds of load before a fault
CUT = 10.0  # seconds for which a fault that nobody answers lasts


def main(names: list[str]) -> None:
    databases.keep_files_in_memory()
    chosen = [fault for fault in faults.ALL if not names or fault.__name__ in names]
    with network(*NAMES) as machines:
        machines[-1].enter()
        with promint(machines, synchronous=True) as (place, load), load.running():
            for fault in chosen:
                _try(fault, place, load)
        _say("every claim that is there is acknowledged, and the doctor is content")
    if not names:
        with network(*NAMES) as machines:
            machines[-1].enter()
            _control(machines)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


@contextmanager
def promint(machines: list[Machine], synchronous: bool) -> Iterator[tuple[Place, Load]]:
    """Everything, started. If the block ends well and commits are synchronous, all is checked."""
    etcd, postgresql, (proxy, web1, web2, worker, _) = machines[:3], machines[3:6], machines[6:]
    with tempfile.TemporaryDirectory(prefix="promint-failover-") as name, ExitStack() as ends:
        directory = Path(name)
        directory.chmod(0o711)
        ends.callback(lambda: [machine.kill() for machine in machines[:-1]])
        place = Place(etcd, postgresql, proxy, directory, synchronous)
        place.start()
        servers = [installation.on(m, directory, place.url) for m in (web1, web2, worker)]
        for server in servers:
            ends.enter_context(server)
        servers[0].succeed("migrate")
        for server, machine in zip(servers, (web1, web2), strict=False):
            installation.serve(server, machine)
        servers[2].worker()
        load = Load(servers[:2], place.url)
        _say("three servers, one primary; claims begin")
        yield place, load
        if synchronous:
            load.ask_again()
            assert load.judge() == (0, 0)
            downloaded(servers[1], {"list": load.list, "format": "csv"})
            servers[0].succeed("doctor")


def _try(fault: faults.Fault, place: Place, load: Load) -> None:
    load.goes_on()
    time.sleep(BEFORE)
    begun = time.monotonic()
    afterwards = fault(place)
    if fault is faults.cut_off_from_its_replicas:
        time.sleep(CUT)
    afterwards()
    load.goes_on()
    wait_until(place.is_whole, LONG, every=0.5)
    load.generate(50_000 + int(begun) % 10_000)
    lost, doubled = load.judge()
    pause, words = load.longest_pause(begun), fault.__name__.replace("_", " ")
    _say(f"{words}: claims paused {pause:.1f} s; {lost} lost, {doubled} doubled")
    assert (lost, doubled) == (0, 0)


def _control(machines: list[Machine]) -> None:
    """Without synchronous commits, the same kind of fault has to lose claims."""
    with promint(machines, synchronous=False) as (place, load), load.running():
        load.goes_on()
        primary = place.primary()
        primary.cut_off(*(machine for machine in place.postgresql if machine is not primary))
        load.goes_on()
        primary.kill()
        load.goes_on()
        lost, _ = load.judge()
        _say(f"asynchronous, cut off from its replicas and killed: {lost} acknowledged claims lost")
        assert lost, "the control lost nothing, so the test shows nothing"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.failover", description=__doc__)
    parser.add_argument("faults", metavar="FAULT", nargs="*", help="default: all, and the control")
    main(parser.parse_args().faults)
