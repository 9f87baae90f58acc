"""Whose word is taken for the addresses of callers, by which wrong passwords are counted; and
whether Promint answers where people will look for it."""

import ssl
from ipaddress import ip_network
from urllib.parse import urlsplit

import httpx
import uvicorn
from django.conf import settings

from promint.readiness.remark import Remark, fine, not_fine, warning
from promint.worker import reasons

ANSWERS_WITHIN = 5.0  # seconds
_VARIABLE = "FORWARDED_ALLOW_IPS"


def look() -> list[Remark]:
    trusted = uvicorn.Config("promint", log_config=None).forwarded_allow_ips
    assert isinstance(trusted, str), "it comes from the environment"
    return [about_trust(trusted, settings.HTTPS), about_answer(settings.BASE_URL)]


def about_trust(trusted: str, https: bool) -> Remark:
    """`trusted`: as uvicorn takes it, addresses and networks with commas between."""
    parts = [part.strip() for part in trusted.split(",") if part.strip()]
    if any(part == "*" or part.endswith("/0") for part in parts):
        said = "lets every caller choose the address by which wrong passwords are counted"
        return not_fine(f"{_VARIABLE} {said}: name the proxy's address instead.")
    if unknown := [part for part in parts if not _is_network(part)]:
        said = "is no address (10.0.0.5) and no network (10.0.0.0/8)"
        return not_fine(f"{_VARIABLE}: {unknown[0]} {said}, so it is never believed: correct it.")
    if parts:
        said = f"X-Forwarded-For is believed if it comes from {', '.join(parts)} ({_VARIABLE})"
        return fine(f"{said}; the proxy there must replace what its callers send in it.")
    if https:
        said = f"{_VARIABLE} is empty, so all callers seem to have the proxy's address"
        return warning(f"{said} and share its allowance of wrong passwords: name the proxy.")
    return fine(f"X-Forwarded-For is believed from nobody ({_VARIABLE} is empty).")


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def about_answer(url: str) -> Remark:
    place = f"PROMINT_BASE_URL ({urlsplit(url).hostname})"
    try:
        answer = httpx.get(
            f"{url}/healthz",
            timeout=ANSWERS_WITHIN,
            trust_env=False,
            verify=ssl.create_default_context(),
        )
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        why = reasons.of_connection(error)
        ask = "start Promint and its proxy, and check again"
        return warning(f"{place} cannot be reached from here, so this was not seen ({why}): {ask}.")
    if answer.status_code == 200 and answer.text == "ok\n":
        return fine(f"{place} answers.")
    if answer.status_code == 200:
        return not_fine(f"{place} is answered by something else than Promint: look at the proxy.")
    said = f"{place} answers {answer.status_code} at /healthz"
    return not_fine(f"{said}: look at the proxy, and at Promint's log.")
