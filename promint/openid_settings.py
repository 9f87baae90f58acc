"""Reads PROMINT_OIDC_…: the company's own sign-in, a provider of OpenID Connect. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from promint.accounts.roles import Role

ISSUER = "PROMINT_OIDC_ISSUER"
CLIENT_ID = "PROMINT_OIDC_CLIENT_ID"
CLIENT_SECRET = "PROMINT_OIDC_CLIENT_SECRET"  # noqa: S105 — a name
CLIENT_SECRET_FILE = "PROMINT_OIDC_CLIENT_SECRET_FILE"  # noqa: S105
NAME = "PROMINT_OIDC_NAME"
SCOPES = "PROMINT_OIDC_SCOPES"
GROUPS_CLAIM = "PROMINT_OIDC_GROUPS_CLAIM"
VERIFIED_CLAIM = "PROMINT_OIDC_VERIFIED_CLAIM"
ROLES = "PROMINT_OIDC_ROLES"
PASSWORDS = "PROMINT_OIDC_PASSWORDS"
_ALL = (
    ISSUER,
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    NAME,
    SCOPES,
    GROUPS_CLAIM,
    VERIFIED_CLAIM,
    ROLES,
    PASSWORDS,
)
_HERE = ("localhost", "127.0.0.1", "::1")  # a provider on this machine may do without TLS


class WrongOpenId(Exception):
    """A sentence that names the variable and says which values are possible."""


class Passwords(StrEnum):
    """Who may sign in with a password although there is a provider."""

    EVERYBODY = "everybody"
    OTHERS = "others"  # accounts that have never come through the provider
    NOBODY = "nobody"


@dataclass(frozen=True)
class OpenId:
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str  # what people know the provider by
    scopes: tuple[str, ...]
    groups_claim: str
    verified_claim: str  # says that the e-mail address is verified
    roles: Mapping[str, Role]  # by group
    passwords: Passwords

    def role_of(self, groups: frozenset[str]) -> Role | None:
        """The highest role of these groups."""
        found = {self.roles[group] for group in groups & self.roles.keys()}
        return max(found, key=list(Role).index, default=None)


def read(environment: Mapping[str, str]) -> OpenId | None:
    """None if no provider is named. Raises WrongOpenId."""
    said = {name: text for name in _ALL if (text := environment.get(name, "").strip())}
    if not said:
        return None
    issuer = _issuer(said)
    return OpenId(
        issuer=issuer,
        client_id=_needed(said, CLIENT_ID, "the name that the provider knows Promint by"),
        client_secret=_secret(said),
        name=_name(said, urlsplit(issuer).hostname or issuer),
        scopes=_scopes(said),
        groups_claim=said.get(GROUPS_CLAIM, "groups"),
        verified_claim=said.get(VERIFIED_CLAIM, "email_verified"),
        roles=_roles(said),
        passwords=_passwords(said),
    )


def is_safe(address: str) -> bool:
    """Whether what is sent there can be read by nobody on the way."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)


def _issuer(said: Mapping[str, str]) -> str:
    issuer = said.get(ISSUER)
    if issuer is None:
        raise WrongOpenId(f"{min(said)} is set, but {ISSUER} is not: set it, or neither.")
    if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise WrongOpenId(f"{ISSUER} must be an https:// address without a query.")
    return issuer


def _needed(said: Mapping[str, str], name: str, meaning: str) -> str:
    if name not in said:
        raise WrongOpenId(f"{name} must be {meaning}, because {ISSUER} is set.")
    return said[name]


def _secret(said: Mapping[str, str]) -> str:
    file = said.get(CLIENT_SECRET_FILE)
    if file is None:
        return _needed(said, CLIENT_SECRET, "the secret that the provider gave Promint")
    if CLIENT_SECRET in said:
        raise WrongOpenId(f"{CLIENT_SECRET_FILE} and {CLIENT_SECRET}: set only one.")
    try:
        secret = Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise WrongOpenId(f"{CLIENT_SECRET_FILE}: {file} holds no secret that can be read.")
    return secret


def _name(said: Mapping[str, str], host: str) -> str:
    name = said.get(NAME, host)
    if not name.isprintable() or len(name) > 60:
        raise WrongOpenId(f"{NAME} must be one line of at most 60 characters.")
    return name


def _scopes(said: Mapping[str, str]) -> tuple[str, ...]:
    scopes = said.get(SCOPES, "openid email profile").split()
    if "openid" not in scopes or not all(re.fullmatch(r"[!#-\[\]-~]+", one) for one in scopes):
        raise WrongOpenId(f"{SCOPES} must be words like: openid email profile groups.")
    return tuple(scopes)


def _roles(said: Mapping[str, str]) -> Mapping[str, Role]:
    """Groups may be distinguished names, in which there are commas and equals signs."""
    roles = {}
    wanted = "groups with their roles, like: promo-admins=admin; service-desk=agent"
    for pair in filter(None, map(str.strip, _needed(said, ROLES, wanted).split(";"))):
        group, _, role = pair.rpartition("=")
        if not group.strip() or role.strip() not in set(Role):
            known = ", ".join(Role)
            raise WrongOpenId(f"{ROLES} must be {wanted}. Roles are {known}.")
        roles[group.strip()] = Role(role.strip())
    return roles


def _passwords(said: Mapping[str, str]) -> Passwords:
    text = said.get(PASSWORDS, Passwords.OTHERS)
    if text not in set(Passwords):
        raise WrongOpenId(f"{PASSWORDS} must be everybody, others or nobody.")
    return Passwords(text)
