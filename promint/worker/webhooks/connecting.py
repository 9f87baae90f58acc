"""Where a delivery may connect to. The host name is looked up once, and the connection goes to
the address that was checked. So it does not matter if the name leads to another address later."""

import asyncio
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from promint.core.rules import Allowed, webhooks

_PORTS = {"http": 80, "https": 443}
# A look-up can hang. Up to this many endpoints of a dead name server hold up no other endpoint.
_lookups = ThreadPoolExecutor(50, thread_name_prefix="webhook-name")


class Unreachable(Exception):
    """A sentence that says why nothing was sent."""


async def addresses(url: str, allowed: Allowed) -> list[webhooks.Address]:
    """The addresses that may be connected to. Raises Unreachable if there are none."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    found = await asyncio.get_running_loop().run_in_executor(_lookups, _look_up, host, port)
    fit = [address for address in found if allowed.may_connect(host, address)]
    if not fit:
        raise Unreachable(f"{webhooks.NOT_PUBLIC} Nothing was sent.")
    return fit


def _look_up(host: str, port: int) -> list[webhooks.Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"The name {host} leads to no address. Nothing was sent.") from None
    return [ip_address(where[0]) for *_, where in found]


async def post(
    client: httpx.AsyncClient,
    url: str,
    to: list[webhooks.Address],
    headers: Mapping[str, str],
    body: str,
) -> httpx.Response:
    """The answer, with its body not read yet. Certificates are checked for the name in `url`."""
    whole = httpx.URL(url)
    for address, is_last in zip(to, [False] * (len(to) - 1) + [True], strict=True):
        request = client.build_request(
            "POST",
            whole.copy_with(host=str(address)),
            content=body,
            headers={**headers, "Host": whole.netloc.decode()},
            extensions=_named(whole.host),
        )
        try:
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if is_last:
                raise
    raise AssertionError("unreachable")


def _named(host: str) -> dict[str, Any]:
    return {"sni_hostname": host}
