"""The names of all settings, so that one that is mistyped is noticed: it would be left out, and
Promint would serve another database, say, than the operator believes."""

from collections.abc import Iterable
from difflib import get_close_matches

_START = "PROMINT_"
KNOWN = frozenset(
    _START + name
    for name in (
        "APPROVE_ABOVE",
        "BASE_URL",
        "CLAIM_URL",
        "DATABASE_URL",
        "DATA_DIR",
        "EMAIL_FROM",
        "EMAIL_URL",
        "FILES_URL",
        "LOG_FORMAT",
        "METRICS",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_CLIENT_SECRET_FILE",
        "OIDC_GROUPS_CLAIM",
        "OIDC_ISSUER",
        "OIDC_NAME",
        "OIDC_PASSWORDS",
        "OIDC_ROLES",
        "OIDC_SCOPES",
        "OIDC_VERIFIED_CLAIM",
        "ORGANISATION",
        "POINT_VALUE",
        "SECRET_KEY",
        "SESSION_IDLE_HOURS",
        "TIME_ZONE",
        "WEBHOOK_ALLOW",
    )
)
# Of our processes and our tests, and those that the compose file puts into others.
_OTHERS = {_START + name for name in ("FAILPOINT", "HOST", "PLACE", "SOCKET", "SUPERVISED", "WEB")}
_ALIKE = 0.9  # as difflib measures it: two letters swapped or one left out in a usual name


def misspelt(names: Iterable[str]) -> dict[str, str]:
    """Names that are almost, or the beginning of, a setting's, and that setting's name."""
    found = {name: _meant(name) for name in unknown(names)}
    return {name: meant for name, meant in found.items() if meant}


def unknown(names: Iterable[str]) -> list[str]:
    ours = (name for name in names if name.upper().startswith(_START))
    return sorted(name for name in ours if name not in KNOWN | _OTHERS)


def _meant(name: str) -> str:
    alike = get_close_matches(name.upper(), KNOWN, n=1, cutoff=_ALIKE)
    longer = [one for one in KNOWN if one.startswith(f"{name.upper()}_")]
    return alike[0] if alike else longer[0] if len(longer) == 1 else ""
