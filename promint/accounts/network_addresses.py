"""The IP addresses that requests come from. Pure. A proxy passes on whatever its callers send,
so a text that is not an address is replaced by UNKNOWN."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"


def plain(sent: str) -> str:
    """An IP address as people write it, or UNKNOWN. At most 39 characters."""
    found = _parsed(sent) or _parsed(sent.rpartition(":")[0].strip("[]"))  # some proxies add a port
    return UNKNOWN if found is None else str(found)


def network(address: str) -> str:
    """The owner of an address. A household has 2^64 addresses of IPv6, so for these it is their
    common first half."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), 64), strict=False))
    return UNKNOWN if found is None else str(found)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or IPv6Address(int(found))  # without the name of an interface
    return found
