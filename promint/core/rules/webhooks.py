"""What others are told of, when a limit is news, and when a delivery is tried again. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from promint.core.rules import limits

Address = IPv4Address | IPv6Address


class Event(StrEnum):
    """Each is a fact, written down in the transaction that made it true."""

    CLAIM_CREATED = "claim.created"
    CLAIM_REVERSED = "claim.reversed"
    CODE_CANCELLED = "code.cancelled"
    CODE_HANDED_OUT = "code.handed_out"
    BATCH_ACTIVE = "batch.active"
    BATCH_FAILED = "batch.failed"
    LIST_CREATED = "list.created"
    LIST_CHANGED = "list.changed"
    LIST_CAP_NEAR = "list.cap_near"
    LIST_CAP_REACHED = "list.cap_reached"
    LIST_LOW_STOCK = "list.low_stock"
    LIST_ENDS_SOON = "list.ends_soon"
    KEY_GUESSING = "key.guessing"


# What stands in place of a list's key where an event is about none.
OF_NO_LIST = 0  # a test
OF_KEYS = -1
TEST = "webhook.test"  # sent on request only, to whatever an endpoint listens
CAP_NEAR = 80  # percent of the cap
LOW_STOCK = 10  # percent of the codes


@dataclass(frozen=True, slots=True)
class Stock:
    """What a list's limits depend on. `codes` is None where codes are shared."""

    claims: int
    entry_cap: int | None
    codes: int | None = None
    cancelled: int = 0


def news(before: Stock, after: Stock) -> list[Event]:
    """The limits that are reached now and were not before."""
    known = _reached(before)
    return [event for event in _reached(after) if event not in known]


def _reached(stock: Stock) -> list[Event]:
    found = []
    if stock.entry_cap is not None:
        if stock.claims * 100 >= stock.entry_cap * CAP_NEAR:
            found.append(Event.LIST_CAP_NEAR)
        if stock.claims >= stock.entry_cap:
            found.append(Event.LIST_CAP_REACHED)
    if stock.codes:
        available = stock.codes - stock.claims - stock.cancelled
        if available * 100 <= stock.codes * LOW_STOCK:
            found.append(Event.LIST_LOW_STOCK)
    return found


# Standard Webhooks 1.0, "Deliverability and reliability": until the next try, after each failure.
SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)


def again_in(failures: int, luck: float) -> timedelta | None:
    """After so many failed tries; None: it is given up. `luck`, 0 to 1, spreads the tries of many
    over a tenth of the time, so that they do not all come at once."""
    if failures > len(SCHEDULE):
        return None
    return SCHEDULE[failures - 1] * (1 + luck / 10)


def wrong_events(names: Iterable[str]) -> str | None:
    names = list(names)
    known = ", ".join(Event)
    if not names:
        return f"Choose at least one of {known}."
    unknown = [name for name in names if name not in set(Event)]
    return f"There is no event {unknown[0][:40]!a}. Use {known}." if unknown else None


def wrong_url(url: str, allowed: "Allowed") -> str | None:
    """What is wrong with the address of an endpoint, as far as it can be told without looking its
    name up: where that leads is checked at each delivery."""
    advice = "Use an address like https://shop.example/hooks."
    if not 1 <= len(url) <= limits.WEBHOOK_URL_CHARACTERS:
        return f"Use 1 to {limits.WEBHOOK_URL_CHARACTERS:,} characters."
    if not url.isascii() or not url.isprintable() or " " in url:
        return f"{advice} Letters outside ASCII are written in percent or xn-- form."
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return advice
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        return advice
    if parts.username is not None or parts.password is not None:
        return "Leave out the name and password: each delivery is signed instead."
    return _wrong_host(parts.hostname, allowed)


def _wrong_host(host: str, allowed: "Allowed") -> str | None:
    try:
        address: Address | None = ip_address(host)
    except ValueError:
        address = None
    local_name = host == "localhost" or host.endswith(".localhost")
    reachable = not local_name if address is None else allowed.may_connect(host, address)
    return None if reachable or host in allowed.hosts else NOT_PUBLIC


NOT_PUBLIC = (
    "This address is private. Whoever runs Promint can allow it with PROMINT_WEBHOOK_ALLOW."
)
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Allowed:
    """What PROMINT_WEBHOOK_ALLOW names: addresses that are not public, and hosts that may have
    such addresses."""

    networks: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()

    def may_connect(self, host: str, address: Address) -> bool:
        if host in self.hosts:
            return True
        named = any(address in ip_network(network) for network in self.networks)
        return named or is_public(address)


def is_public(address: Address) -> bool:
    """Neither private nor loopback, link-local, multicast or reserved, nor such an address of
    version 4 inside one of version 6."""
    inner = _inside(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inside(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
