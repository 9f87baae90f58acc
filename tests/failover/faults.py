"""What can happen to the primary server, and what an operator does afterwards."""

import signal
from collections.abc import Callable

from tests.failover.network import Machine
from tests.failover.servers import LONG, Place
from tests.servers import wait_until

Afterwards = Callable[[], None]
Fault = Callable[[Place], Afterwards]


def killed(place: Place) -> Afterwards:
    """It comes back when another one has taken its place."""
    primary = place.primary()
    primary.kill()

    def start() -> None:
        _wait_for_another(place, primary)
        place.start_postgresql(primary)

    return start


def killed_and_started_at_once(place: Place) -> Afterwards:
    primary = place.primary()
    primary.kill()
    return lambda: place.start_postgresql(primary)


def stopped_and_woken(place: Place) -> Afterwards:
    """When it wakes up, it still believes to be the primary server."""
    primary = place.primary()
    primary.signal(signal.SIGSTOP)

    def wake() -> None:
        _wait_for_another(place, primary)
        primary.signal(signal.SIGCONT)

    return wake


def cut_off_from_its_replicas(place: Place) -> Afterwards:
    """It stays the primary server, and nothing can be committed until somebody follows it."""
    primary = place.primary()
    others = [machine for machine in place.postgresql if machine is not primary]
    primary.cut_off(*others)
    return lambda: primary.join(*others)


def cut_off_from_etcd(place: Place) -> Afterwards:
    """It has to give its role up, because it cannot know whether it still has it."""
    primary = place.primary()
    primary.cut_off(*place.etcd)

    def join() -> None:
        _wait_for_another(place, primary)
        primary.join(*place.etcd)

    return join


def switched_over(place: Place) -> Afterwards:
    place.switch_over()
    return lambda: None


def _wait_for_another(place: Place, former: Machine) -> None:
    def is_another() -> bool:
        leaders = place.by_role("leader")
        return bool(leaders) and former not in leaders

    wait_until(is_another, LONG, every=0.5)


ALL = (
    killed,
    killed_and_started_at_once,
    stopped_and_woken,
    cut_off_from_its_replicas,
    cut_off_from_etcd,
    switched_over,
)
