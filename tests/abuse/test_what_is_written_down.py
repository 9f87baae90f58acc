"""What neither strangers nor colleagues can do without an entry in the audit log."""

from django.test import Client

from promint.accounts import keys
from promint.accounts.roles import Scope
from promint.core.codes import read_in_bulk
from promint.core.models import AuditEntry
from promint.dashboard.page.actors import names_of
from tests.factories import ACTOR, a_batch, a_list


def test_two_keys_of_one_name_can_be_told_apart(admin: Client) -> None:
    first, _ = keys.create("Till", [Scope.CLAIM], ACTOR)
    alone = names_of([f"key:{first.public_id}"])
    assert alone == {f"key:{first.public_id}": "API key Till"}
    second, _ = keys.create("Till", [Scope.CLAIM], ACTOR)
    actors = [f"key:{row.public_id}" for row in (first, second)]
    for actor in actors:
        AuditEntry.objects.create(actor=actor, action="code.cancelled", subject="SPRING")
    names = names_of(actors)
    assert names == {
        actor: f"API key Till ({row.hint}…)"
        for actor, row in zip(actors, (first, second), strict=True)
    }
    rows = admin.get("/audit", {"who": "Till"}).context["rows"]
    assert {row.entry.actor for row in rows} == set(actors)


def test_whoever_reads_many_codes_is_written_down_each_time_it_is_many_more() -> None:
    batch = a_batch(a_list(), 1)
    for _ in range(25):
        read_in_bulk.note("key:key_1", batch.public_id, 100)
        read_in_bulk.note("key:key_2", batch.public_id, 10)
    found = AuditEntry.objects.filter(action="codes.read").order_by("created_at")
    assert [(entry.actor, entry.after) for entry in found] == [
        ("key:key_1", {"codes": 1000}),
        ("key:key_1", {"codes": 2000}),
    ]
    assert {entry.subject for entry in found} == {batch.public_id}


def test_downloading_rejected_rows_is_written_down(manager: Client) -> None:
    batch = a_batch(a_list(), 1)
    assert manager.get(f"/batches/{batch.public_id}/rejects").status_code == 200
    entry = AuditEntry.objects.get(action="batch.rejects_downloaded")
    assert (entry.subject, entry.actor.startswith("staff:manager")) == (batch.public_id, True)
