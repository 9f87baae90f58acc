"""API keys: 190 random bits behind a recognisable prefix, with a checksum; kept as a hash."""

import hashlib
import secrets
import zlib
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from promint.accounts.models import ApiKey
from promint.accounts.roles import Scope
from promint.core import audit
from promint.core.rules import checks, ids, invalid, limits, not_found
from promint.core.storage import Busy, OutcomeUnknown, database_now, durable, noting_commits

PREFIX = "pmk_"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_CHARACTERS = 32  # of 62: 190 bits
_CHECKSUM_CHARACTERS = 6
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The caller to whom an API key belongs."""

    key_id: str  # "key_…": owns idempotency keys
    actor: str  # "key:key_…", how the audit log names it: two keys may have one name
    scopes: frozenset[Scope]


@durable
def create(name: str, scopes: list[Scope], actor: str) -> tuple[ApiKey, str]:
    """The key's row and the key itself, which cannot be read again later. Raises Refused."""
    name = name.strip()
    found = {
        "name": checks.line(name, limits.NAME_CHARACTERS),
        "scopes": None if scopes else "Choose claim, manage or both.",
    }
    if wrong := {field: problem for field, problem in found.items() if problem}:
        raise invalid(wrong)
    secret = "".join(secrets.choice(_DIGITS) for _ in range(_SECRET_CHARACTERS))
    key = PREFIX + secret + _checksum(secret)
    row = ApiKey.objects.create(
        name=name,
        digest=_digest(key),
        hint=key[:8],
        scopes=sorted(set(scopes)),
        created_by=actor,
    )
    audit.record(actor, "key.created", row.public_id, after={"name": name, "scopes": row.scopes})
    return row, key


def _checksum(secret: str) -> str:
    """Tells a mistyped or cut-off key from a wrong one without a look into the database."""
    number, digits = zlib.crc32(secret.encode()), ""
    for _ in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_DIGITS))
        digits += _DIGITS[digit]
    return digits


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def well_formed(key: str) -> bool:
    secret = key.removeprefix(PREFIX)[:_SECRET_CHARACTERS]
    return key.isascii() and key == PREFIX + secret + _checksum(secret)


def find(key: str) -> KeyHolder | None:
    """The holder of this key; None if the key is unknown or revoked.

    Notes when the key was used, once a minute at most.
    """
    if not well_formed(key):
        return None
    row = ApiKey.objects.filter(digest=_digest(key), revoked_at=None).first()
    if row is None:
        return None
    if row.last_used_at is None or database_now() - row.last_used_at > _USE_NOTED_EVERY:
        # Only a date for people to look at: the next use notes it, and no change of the request.
        with suppress(Busy, OutcomeUnknown), noting_commits():
            _note_use(row)
    scopes = frozenset(Scope(scope) for scope in row.scopes)
    return KeyHolder(row.public_id, f"key:{row.public_id}", scopes)


def by_public_id(public_id: str) -> ApiKey:
    key = ids.key_of(ApiKey.PREFIX, public_id)
    row = None if key is None else ApiKey.objects.filter(id=key).first()
    if row is None:
        raise not_found("API key")
    return row


def named(public_ids: Iterable[str]) -> dict[str, ApiKey]:
    """The API keys with these public ids, including revoked ones. Other ids are left out."""
    found = ApiKey.objects.in_bulk(ids.keys_of(ApiKey.PREFIX, public_ids))
    return {row.public_id: row for row in found.values()}


def of_name(name: str) -> list[str]:
    """The public ids of all keys of that name."""
    return [row.public_id for row in ApiKey.objects.filter(name=name)]


def names_of(public_ids: Iterable[str]) -> dict[str, str]:
    """The name of each key, by public id. If several keys have the same name, the beginning of
    the key follows it."""
    rows = named(public_ids)
    of_all = ApiKey.objects.filter(name__in={row.name for row in rows.values()})
    keys_with = Counter(of_all.values_list("name", flat=True))
    return {
        public_id: f"{row.name} ({row.hint}…)" if keys_with[row.name] > 1 else row.name
        for public_id, row in rows.items()
    }


def in_use(public_ids: list[str]) -> list[ApiKey]:
    """The API keys with these public ids that are not revoked."""
    wanted = ApiKey.objects.filter(id__in=ids.keys_of(ApiKey.PREFIX, public_ids))
    return list(wanted.filter(revoked_at=None).order_by("name", "id"))


@durable
def _note_use(row: ApiKey) -> None:
    ApiKey.objects.filter(id=row.id).update(last_used_at=database_now())


@durable
def revoke(public_id: str, actor: str) -> ApiKey:
    """The key stops working within a second. Revoking it again changes nothing."""
    row = by_public_id(public_id)
    if row.revoked_at is None:
        row.revoked_at = database_now()
        row.save(update_fields=["revoked_at"])
        audit.record(actor, "key.revoked", public_id, before={"name": row.name})
    return row
