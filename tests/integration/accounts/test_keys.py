"""API keys: shown once, found by their hash, revoked for good."""

import re
from datetime import timedelta

import pytest

from promint.accounts import keys
from promint.accounts.models import ApiKey
from promint.accounts.roles import Scope
from promint.core.models import AuditEntry
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import Refusal
from tests.factories import ACTOR


def test_a_key_is_190_random_bits_behind_a_prefix_and_kept_as_a_hash() -> None:
    row, key = keys.create("Till", [Scope.CLAIM], ACTOR)
    assert re.fullmatch(r"pmk_[0-9A-Za-z]{38}", key)
    stored = " ".join(str(value) for value in ApiKey.objects.values().get().values())
    assert key not in stored
    assert key[8:] not in stored
    assert keys.create("Till", [Scope.CLAIM], ACTOR)[1] != key
    assert row.hint == key[:8]


def test_a_key_is_found_with_its_scopes() -> None:
    row, key = keys.create("Till", [Scope.MANAGE, Scope.CLAIM, Scope.CLAIM], ACTOR)
    holder = keys.find(key)
    assert holder is not None
    assert (holder.key_id, holder.actor) == (row.public_id, f"key:{row.public_id}")
    assert holder.scopes == {Scope.CLAIM, Scope.MANAGE}


def test_a_mistyped_key_is_known_to_be_none_before_the_database_is_asked() -> None:
    _, key = keys.create("Till", [Scope.CLAIM], ACTOR)
    assert keys.well_formed(key)
    for place in range(len(key)):
        wrong = key[:place] + ("x" if key[place] != "x" else "y") + key[place + 1 :]
        assert not keys.well_formed(wrong), wrong
    for wrong in ("", "pmk_", key[:-1], key + "a", key.upper(), f" {key}", "ü" * 42):
        assert not keys.well_formed(wrong)
        assert keys.find(wrong) is None


def test_an_unknown_key_is_not_found() -> None:
    _, key = keys.create("Till", [Scope.CLAIM], ACTOR)
    ApiKey.objects.all().delete()
    assert keys.well_formed(key)
    assert keys.find(key) is None


def test_a_revoked_key_is_not_found_and_revoking_it_again_changes_nothing() -> None:
    row, key = keys.create("Till", [Scope.CLAIM], ACTOR)
    first = keys.revoke(row.public_id, ACTOR).revoked_at
    assert keys.find(key) is None
    assert keys.revoke(row.public_id, ACTOR).revoked_at == first
    assert AuditEntry.objects.filter(action="key.revoked", subject=row.public_id).count() == 1


@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [("", [Scope.CLAIM], "name"), ("x" * 201, [Scope.CLAIM], "name"), ("Till", [], "scopes")],
)
def test_a_key_without_name_or_scope_is_refused(name: str, scopes: list[Scope], field: str) -> None:
    with pytest.raises(Refused) as refused:
        keys.create(name, scopes, ACTOR)
    assert (refused.value.refusal, set(refused.value.fields)) == (
        Refusal.INVALID_REQUEST,
        {field},
    )
    assert not ApiKey.objects.exists()


def test_the_last_use_is_noted_once_a_minute() -> None:
    row, key = keys.create("Till", [Scope.CLAIM], ACTOR)
    keys.find(key)
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    keys.find(key)
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.filter(id=row.id).update(last_used_at=first - timedelta(minutes=2))
    keys.find(key)
    noted = ApiKey.objects.get().last_used_at
    assert noted is not None
    assert noted >= first
