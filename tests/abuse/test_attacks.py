"""Attacks by strangers without an account on the real server without a proxy. Claims and
colleagues must not notice them, and the log must tell of them. With ABUSE_SECONDS=300 each
attack lasts five minutes; the machine should do nothing else then."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.abuse import attackers, watch
from tests.abuse.attackers import Attack, held_open
from tests.abuse.watch import Watch
from tests.raw_http import head
from tests.servers import Server, end

FILE = "Content-Type: multipart/form-data; boundary=part"
PART = b'--part\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
BIG = "/static/ninja/swagger-ui-bundle.js"
SLOW_FORM = head("POST", "/login", "Content-Length: 60000")
SLOW_FILE = head("POST", "/login", FILE, "Content-Length: 50000000") + PART + bytes(100_000)
HEAD = b"GET / HTTP/1.1\r\nX: "


@dataclass(frozen=True)
class Plan:
    """`prepare`: makes one round of an attacker from the server's address."""

    prepare: Callable[[str], Callable[[threading.Event], None]]
    attackers: int = 4
    is_cut_off: bool = True  # within the test's seconds; otherwise it is only refused


PLANS = {
    "idle": Plan(lambda url: held_open(url, 400, b"")),
    "slow heads": Plan(lambda url: held_open(url, 400, HEAD, b"a")),
    "endless heads": Plan(lambda url: attackers.endless(url, HEAD, b"a"), 8),
    "endless lines": Plan(lambda url: attackers.endless(url, b"", b"\r\n"), 8),
    "slow forms": Plan(lambda url: held_open(url, 400, SLOW_FORM, b"a")),
    "slow files": Plan(lambda url: held_open(url, 400, SLOW_FILE, bytes(1000)), is_cut_off=False),
    "large forms": Plan(lambda url: attackers.bodies(url, "/login"), is_cut_off=False),
    "large bodies": Plan(lambda url: attackers.bodies(url, "/api/v1/lists"), is_cut_off=False),
    "large claims": Plan(lambda url: attackers.bodies(url, "/api/v1/claims"), is_cut_off=False),
    "large files": Plan(
        lambda url: attackers.bodies(url, "/api/v1/lists/x/uploads"), is_cut_off=False
    ),
    "unread files": Plan(lambda url: attackers.unread(url, BIG), is_cut_off=False),
    "unread pages": Plan(lambda url: attackers.unread(url, "/login"), 1, is_cut_off=False),
    "requests ahead": Plan(lambda url: attackers.unread(url, "/healthz", 10_000)),
    "made-up keys": Plan(attackers.made_up_keys, is_cut_off=False),
}


@pytest.mark.parametrize("name", PLANS)
def test_claims_and_colleagues_do_not_notice(open_to_strangers: Server, name: str) -> None:
    plan = PLANS[name]
    with (
        Watch(open_to_strangers) as watched,
        Attack(plan.prepare(open_to_strangers.url), plan.attackers) as attack,
    ):
        # A slow machine needs longer until it sees how slow a caller is.
        attack.lasts(watch.SECONDS * (3 if plan.is_cut_off else 1))
    print(name, watched.seen, sep=": ")
    watched.says_all_is_well()
    end(open_to_strangers.processes[0])
    log = open_to_strangers.log.read_text()
    assert "Callers cut off: " in log or not plan.is_cut_off, log
