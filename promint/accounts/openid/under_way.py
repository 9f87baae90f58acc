"""A sign-in that is under way: the browser is at the provider, and comes back with a code.

What has to be remembered meanwhile is sealed in a cookie of the browser. So nobody can be signed in
with an answer that another browser asked for, and strangers fill no table.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from promint.accounts.openid import provider, tokens
from promint.accounts.openid.provider import Description
from promint.accounts.openid.refusals import NoEntry, ProviderFailed, Why
from promint.core.storage import sealed
from promint.openid_settings import OpenId

FOR = timedelta(minutes=10)
_PURPOSE = "sign-in through the provider"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider says that it let in."""

    issuer: str
    subject: str  # never given to anybody else by this issuer
    email: str  # as the provider has it; empty: none
    is_verified: bool
    name: str
    groups: frozenset[str]


def begin(company: OpenId, back: str, page: str) -> tuple[str, str]:
    """The provider's address to send the browser to, and what its cookie has to hold.

    `back`: where the provider sends it to; `page`: where to go then. Raises ProviderFailed.
    """
    found = provider.description(company)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": company.client_id,
        "redirect_uri": back,
        "scope": " ".join(company.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in found.authorization else "?"
    cookie = sealed.seal(_PURPOSE, json.dumps([state, nonce, verifier, page]))
    return f"{found.authorization}{joint}{urlencode(asked)}", cookie


def finish(
    company: OpenId, back: str, cookie: str, answer: Mapping[str, str]
) -> tuple[Person, str]:
    """Who came back, and the page to go to. Raises NoEntry and ProviderFailed."""
    noted = sealed.unseal(_PURPOSE, cookie, within=FOR)
    state, nonce, verifier, page = json.loads(noted) if noted else [""] * 4
    if not state or not hmac.compare_digest(state.encode(), answer.get("state", "").encode()):
        raise NoEntry(Why.START_AGAIN)
    found = provider.description(company)
    if answer.get("iss", company.issuer if not found.names_itself else None) != company.issuer:
        raise ProviderFailed("an answer came from another provider")
    if not answer.get("code"):
        raise NoEntry(Why.DECLINED)
    sent = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    given = provider.tokens(company, found, sent)
    return _person(company, _claims(company, found, given, nonce)), page


def sign_out_address(company: OpenId, back: str) -> str | None:
    """Where the browser signs out at the provider too, and is sent back from; None: nowhere.
    Raises ProviderFailed."""
    address = provider.description(company).end_session
    if address is None:
        return None
    asked = {"client_id": company.client_id, "post_logout_redirect_uri": back}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def look(company: OpenId) -> None:
    """Raises ProviderFailed if its description or its keys cannot be used."""
    tokens.key_set(provider.keys(provider.description(company).keys))


def _claims(
    company: OpenId, found: Description, given: dict[str, Any], nonce: str
) -> dict[str, Any]:
    """Those of the ID token; where address or groups are not in it, also those of userinfo."""
    id_token, access_token = given.get("id_token"), given.get("access_token")
    if not isinstance(id_token, str):
        raise ProviderFailed("it gives no ID token")
    expected = tokens.Expected(company, found.keys, nonce)
    claims = tokens.claims_of(id_token, expected, int(timezone.now().timestamp()))
    complete = "email" in claims and _claim(claims, company.groups_claim) is not None
    if complete or found.userinfo is None or not isinstance(access_token, str):
        return claims
    more = provider.userinfo(found.userinfo, access_token)
    if more.get("sub") != claims["sub"]:
        raise ProviderFailed("its userinfo is about somebody else")
    return _merged(claims, more, company)


def _merged(claims: dict[str, Any], more: dict[str, Any], company: OpenId) -> dict[str, Any]:
    """The address, and whether it is verified, come from the same place."""
    of_address = {"email", company.verified_claim}
    lesser = more if "email" in claims else claims
    other = {name: value for name, value in lesser.items() if name not in of_address}
    return {**other, **claims} if lesser is more else {**more, **other}


def _person(company: OpenId, claims: dict[str, Any]) -> Person:
    email, name = claims.get("email"), claims.get("name")
    groups = _claim(claims, company.groups_claim)
    if isinstance(groups, str):
        groups = [groups]
    return Person(
        issuer=company.issuer,
        subject=claims["sub"],
        email=email.strip().lower() if isinstance(email, str) and email.isascii() else "",
        is_verified=claims.get(company.verified_claim) in (True, "true", "1"),
        name=" ".join(name.split())[:200] if isinstance(name, str) else "",
        groups=frozenset(g for g in groups or () if isinstance(g, str)),
    )


def _claim(claims: dict[str, Any], name: str) -> Any:
    """By its name, or inside other claims: realm_access.roles."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
