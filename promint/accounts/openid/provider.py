"""What the provider answers: its description, its keys, tokens for a code, facts about a person.

Descriptions and keys are kept for an hour, a failure for ten seconds. Four requests at once are
waited for; for more, the provider counts as not answering, so that it never takes all threads.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from promint import openid_settings
from promint.accounts.openid.refusals import ProviderFailed
from promint.openid_settings import OpenId

KEPT = 3600  # seconds
FAILURE_KEPT = 10  # seconds
KEYS_AGAIN_AFTER = 60  # seconds, when a token names a key that is not among those kept
_EACH = 5  # seconds: to connect, and between two pieces of an answer
_LONGEST = 10  # seconds for a whole answer
_MOST_BYTES = 1024 * 1024
_places = threading.BoundedSemaphore(4)


@dataclass(frozen=True, slots=True)
class Description:
    """The provider's addresses, and whether it wants the secret in the form."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    secret_in_form: bool
    names_itself: bool  # in its answers (RFC 9207)


@dataclass(frozen=True, slots=True)
class _Kept:
    since: float  # time.monotonic
    document: dict[str, Any] | None
    problem: str = ""

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.since < (FAILURE_KEPT if self.document is None else KEPT)


_kept: dict[str, _Kept] = {}  # by address


def forget() -> None:
    _kept.clear()


def description(company: OpenId) -> Description:
    """Raises ProviderFailed."""
    found = _document(f"{company.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != company.issuer:
        said = str(found.get("issuer"))[:200]
        raise ProviderFailed(f"it calls itself {said!r}: PROMINT_OIDC_ISSUER must be the same")
    methods = found.get("token_endpoint_auth_methods_supported")
    return Description(
        authorization=_needed(found, "authorization_endpoint"),
        token=_needed(found, "token_endpoint"),
        keys=_needed(found, "jwks_uri"),
        userinfo=_address(found, "userinfo_endpoint"),
        end_session=_address(found, "end_session_endpoint"),
        secret_in_form=isinstance(methods, list) and "client_secret_basic" not in methods,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def keys(address: str, *, again: bool = False) -> dict[str, Any]:
    """The provider's public keys (RFC 7517). `again`: a token names a key that is not among them,
    so they are fetched once more, once a minute at most. Raises ProviderFailed."""
    kept = _kept.get(address)
    if again and kept is not None and time.monotonic() - kept.since > KEYS_AGAIN_AFTER:
        del _kept[address]
    return _document(address)


def tokens(company: OpenId, found: Description, sent: Mapping[str, str]) -> dict[str, Any]:
    """What the provider gives for a code. Raises ProviderFailed."""
    own = {"client_id": company.client_id, "client_secret": company.client_secret}
    if found.secret_in_form:
        return _asked("POST", found.token, data={**sent, **own})
    pair = [quote(text, safe="") for text in own.values()]  # RFC 6749, section 2.3.1
    return _asked("POST", found.token, data=sent, auth=httpx.BasicAuth(*pair))


def userinfo(address: str, access_token: str) -> dict[str, Any]:
    """Raises ProviderFailed."""
    return _asked("GET", address, headers={"Authorization": f"Bearer {access_token}"})


def _needed(found: dict[str, Any], name: str) -> str:
    address = _address(found, name)
    if address is None:
        raise ProviderFailed(f"its description has no {name} that Promint may use")
    return address


def _address(found: dict[str, Any], name: str) -> str | None:
    address = found.get(name)
    return address if isinstance(address, str) and openid_settings.is_safe(address) else None


def _document(address: str) -> dict[str, Any]:
    kept = _kept.get(address)
    if kept is None or not kept.is_fresh:
        try:
            kept = _Kept(time.monotonic(), _asked("GET", address))
        except ProviderFailed as failed:
            kept = _Kept(time.monotonic(), None, str(failed))
        _kept[address] = kept
    if kept.document is None:
        raise ProviderFailed(kept.problem)
    return kept.document


def _asked(method: str, address: str, **more: Any) -> dict[str, Any]:
    if not _places.acquire(timeout=1):
        raise ProviderFailed("too many sign-ins are waiting for it")
    try:
        status, body = _answered(method, address, **more)
    except httpx.HTTPError as error:
        raise ProviderFailed(f"{_place(address)}: {type(error).__name__}") from error
    finally:
        _places.release()
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if status != httpx.codes.OK or not isinstance(document, dict):
        raise ProviderFailed(f"{_place(address)} answers {status}{_error_in(document)}")
    return document


def _answered(method: str, address: str, **more: Any) -> tuple[int, bytes]:
    until, body = time.monotonic() + _LONGEST, b""
    accept = {"Accept": "application/json", **more.pop("headers", {})}
    with (
        httpx.Client(timeout=_EACH, follow_redirects=False) as client,
        client.stream(method, address, headers=accept, **more) as answer,
    ):
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > _MOST_BYTES or time.monotonic() > until:
                raise ProviderFailed(f"{_place(address)} takes too long, or says too much")
        return answer.status_code, body


def _place(address: str) -> str:
    return address.partition("?")[0]


def _error_in(document: object) -> str:
    """The short name of an error as RFC 6749 has it, such as invalid_client."""
    error = document.get("error") if isinstance(document, dict) else None
    return f": {error[:60]!r}" if isinstance(error, str) else ""
