"""The events that webhooks tell of, the limits that cause an event, and when a delivery is tried
again. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from promint.core.rules import limits

Address = IPv4Address | IPv6Address


class Event(StrEnum):
    """Something that happened. It is written in the transaction that made it happen."""

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


# These stand in place of a list's key in events that are not about a list.
OF_NO_LIST = 0  # test events
OF_KEYS = -1
TEST = "webhook.test"  # sent on request only, whichever events an endpoint chose
CAP_NEAR = 80  # percent of the cap
LOW_STOCK = 10  # percent of the codes


@dataclass(frozen=True, slots=True)
class Stock:
    """The numbers of a list on which its limits depend. `codes` is None for a multi use list."""

    claims: int
    entry_cap: int | None
    codes: int | None = None
    cancelled: int = 0
    handed_out: int = 0
    handed_out_gone: int = 0  # of these, how many are claimed or cancelled

    @property
    def left(self) -> int | None:
        """How many codes are neither claimed, cancelled nor handed out."""
        if self.codes is None:
            return None
        return max(0, self.codes - self.cancelled - self.claims - self.kept)

    @property
    def kept(self) -> int:
        """How many codes are handed out to people who have not used them yet."""
        return self.handed_out - self.handed_out_gone

    def beyond_cap(self, more: int) -> int:
        """How many of so many codes, handed out next, cannot be claimed when all are used."""
        if self.entry_cap is None:
            return 0
        return max(0, min(more, self.claims + self.kept + more - self.entry_cap))

    @property
    def is_low(self) -> bool:
        return bool(self.codes) and (self.left or 0) * 100 <= (self.codes or 0) * LOW_STOCK


def news(before: Stock, after: Stock) -> list[Event]:
    """The events of limits that `after` reaches and `before` did not."""
    known = _reached(before)
    return [event for event in _reached(after) if event not in known]


def _reached(stock: Stock) -> list[Event]:
    found = []
    if stock.entry_cap is not None:
        if stock.claims * 100 >= stock.entry_cap * CAP_NEAR:
            found.append(Event.LIST_CAP_NEAR)
        if stock.claims >= stock.entry_cap:
            found.append(Event.LIST_CAP_REACHED)
    if stock.is_low:
        found.append(Event.LIST_LOW_STOCK)
    return found


# The time until the next try after each failure, from Standard Webhooks 1.0, "Deliverability and
# reliability".
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
    """The time until the next try after so many failures; None means that there is none. `luck`,
    from 0 to 1, adds up to a tenth of the time, so that many deliveries are not tried again at the
    same moment."""
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
    """What is wrong with the URL of an endpoint, without looking its host name up. The address to
    which the name leads is checked at each delivery."""
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
    """What PROMINT_WEBHOOK_ALLOW allows: networks that are not public, and hosts whose addresses
    need not be public."""

    networks: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()

    def may_connect(self, host: str, address: Address) -> bool:
        if host in self.hosts:
            return True
        named = any(address in ip_network(network) for network in self.networks)
        return named or is_public(address)


def is_public(address: Address) -> bool:
    """Whether the address is neither private nor loopback, link-local, multicast or reserved. An
    IPv4 address inside an IPv6 address is checked too."""
    inner = _inside(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inside(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
