"""Where passkeys work: browsers want a host name, and https unless it is this machine. Pure."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def why_not(base_url: str) -> str | None:
    """A sentence for people if passkeys cannot work at this address."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if _is_address(host):
        return f"Passkeys need a host name, and PROMINT_BASE_URL is {base_url}."
    here = host == "localhost" or host.endswith(".localhost")
    if parts.scheme != "https" and not here:
        return f"Passkeys need https, and PROMINT_BASE_URL is {base_url}."
    return None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
