"""What an ID token says, once its signature and everything around it is right."""

import math
from dataclasses import dataclass
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from promint.accounts.openid import provider
from promint.accounts.openid.refusals import ProviderFailed
from promint.openid_settings import OpenId

# With a public key alone: whoever knows the client's secret cannot make a token.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
ALGORITHMS += ["EdDSA", "Ed25519"]
CLOCKS_DIFFER = 60  # seconds
_OLDEST = 600  # seconds since the token was made


@dataclass(frozen=True, slots=True)
class Expected:
    company: OpenId
    keys: str  # the address of the provider's keys
    nonce: str


def claims_of(id_token: str, expected: Expected, now: int) -> dict[str, Any]:
    """`now`: seconds since 1970. Raises ProviderFailed."""
    try:
        token = _signed_by_the_provider(id_token, expected.keys)
    except (JoseError, ValueError) as error:
        raise ProviderFailed(f"its ID token is not signed as agreed ({error})") from error
    if wrong := _wrong(token.claims, expected, now):
        raise ProviderFailed(f"its ID token has a wrong {wrong}")
    return token.claims


def _signed_by_the_provider(id_token: str, address: str) -> jwt.Token:
    try:
        return jwt.decode(id_token, key_set(provider.keys(address)), ALGORITHMS)
    except InvalidKeyIdError:  # the provider may have new keys
        return jwt.decode(id_token, key_set(provider.keys(address, again=True)), ALGORITHMS)


def key_set(document: dict[str, Any]) -> jwk.KeySet:
    """Without keys for encryption, and without secret ones. Raises ProviderFailed."""
    found = document.get("keys")
    usable = [
        key
        for key in (found if isinstance(found, list) else [])
        if isinstance(key, dict) and key.get("use", "sig") == "sig" and key.get("kty") != "oct"
    ]
    return jwk.KeySet.import_key_set({"keys": usable})


def _wrong(claims: dict[str, Any], expected: Expected, now: int) -> str | None:
    """The first claim that is not as it has to be (OpenID Connect Core 1.0, section 3.1.3.7)."""
    us, audience = expected.company.client_id, claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    right = {
        "iss": claims.get("iss") == expected.company.issuer,
        "aud": us in audiences,
        "azp": claims.get("azp", us if len(audiences) == 1 else None) == us,
        "nonce": claims.get("nonce") == expected.nonce,
        "sub": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255,
        "exp": _moment(claims.get("exp")) > now - CLOCKS_DIFFER,
        "iat": abs(now - _moment(claims.get("iat"))) < _OLDEST,
    }
    return next((name for name, holds in right.items() if not holds), None)


def _moment(value: object) -> float:
    """Seconds since 1970; what is no number was before all times."""
    return value if isinstance(value, int | float) else -math.inf
