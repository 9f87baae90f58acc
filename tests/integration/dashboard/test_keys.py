"""API keys: shown once, listed, revoked, and an alert about keys that may be used for guessing."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.accounts import keys
from promint.accounts.models import ApiKey
from promint.accounts.roles import Scope
from promint.core.claiming import callers
from promint.core.storage.clock import database_now
from tests.api import Api
from tests.factories import ACTOR, a_key
from tests.servers import wait_until


def create(admin: Client, **typed: object) -> str:
    """The key itself, from the page that shows it."""
    answer = admin.post("/keys/new", {"name": "Tills", "scopes": ["claim"], **typed})
    assert answer.status_code == 200
    (key,) = set(re.findall(r"pmk_[0-9A-Za-z]{38}", answer.content.decode()))
    return key


def test_a_key_is_shown_once_and_works_with_its_scopes_alone(admin: Client) -> None:
    assert "No API keys yet" in admin.get("/keys").content.decode()
    key = create(admin)
    assert Api(key=key).get("/customers/cust-1").status_code == 200
    assert Api(key=key).get("/lists").status_code == 403
    listed = admin.get("/keys").content.decode()
    assert key not in listed
    assert key[:8] in listed
    assert "Tills" in listed
    row = ApiKey.objects.get()
    assert key.encode() not in bytes(row.digest)
    assert row.created_by.startswith("staff:admin-")


def test_the_last_use_shows(admin: Client) -> None:
    key = create(admin)
    assert "Never" in admin.get("/keys").content.decode()
    Api(key=key).get("/customers/cust-1")
    said = admin.get("/keys").content.decode()
    assert "Never" not in said
    assert "just now" in said or " s ago" in said


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"name": ""}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes")],
)
def test_what_is_wrong_stands_beside_its_field(
    admin: Client, typed: dict[str, object], field: str
) -> None:
    answer = admin.post("/keys/new", {"name": "Tills", "scopes": ["claim"], **typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not ApiKey.objects.exists()


def test_revoking_asks_first_and_soon_holds(admin: Client) -> None:
    key = create(admin)
    address = f"/keys/{ApiKey.objects.get().public_id}/revoke"
    assert "Revoke this key?" in admin.get(address).content.decode()
    assert Api(key=key).get("/customers/cust-1").status_code == 200
    answer = admin.post(address, follow=True)
    assert "Tills is revoked." in answer.content.decode()
    assert "Revoked" in answer.content.decode()
    wait_until(lambda: Api(key=key).get("/customers/cust-1").status_code == 401, 30)
    assert admin.post("/keys/key_0000000000000/revoke").status_code == 404


def test_a_key_whose_codes_are_mostly_unknown_raises_an_alert_until_it_is_revoked(
    admin: Client, manager: Client
) -> None:
    guessing, _ = keys.create("Tills <b>", [Scope.CLAIM], ACTOR)
    honest, _ = keys.create("Web shop", [Scope.CLAIM], ACTOR)
    enough = callers.SUSPICIOUS_ATTEMPTS
    callers.count([(guessing.public_id, i % 3 > 0) for i in range(enough)], database_now())
    callers.count([(honest.public_id, i % 3 == 0) for i in range(enough)], database_now())
    callers.count([("key_0000000000000", True)] * enough, database_now())
    said = admin.get("/keys").content.decode()
    assert "Most codes that Tills &lt;b&gt; sent" in said
    assert "Most codes that Web shop sent" not in said
    assert said.count("Most codes that") == 1
    assert "Needs a look" in admin.get("/").content.decode()
    assert "Needs a look" not in manager.get("/").content.decode()
    keys.revoke(guessing.public_id, ACTOR)
    assert "Needs a look" not in admin.get("/").content.decode()
    assert "Most codes that" not in admin.get("/keys").content.decode()


def test_more_keys_cost_no_more_queries(admin: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get("/keys")
        return len(queries)

    a_key()
    few = cost()
    for i in range(12):
        a_key(name=f"Till {i}")
    clock = connection.vendor == "postgresql"  # there, the time is one more query
    assert cost() == few <= 8 + clock
