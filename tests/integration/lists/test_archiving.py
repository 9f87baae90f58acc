"""Archived lists: out of the tables, and working as before."""

import pytest

from promint.core import lists
from promint.core.models import AuditEntry, PromoList
from promint.core.rules import ListStatus, Refused
from promint.core.storage import database_now
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes
from tests.soundness import assert_every_invariant_holds


def test_codes_of_an_archived_list_are_claimed_as_its_dates_say() -> None:
    promo_list = a_list()
    code, other = shown_codes(a_batch(promo_list, 2))
    claim(code, "before")
    lists.archive(promo_list.public_id, ACTOR)
    assert claim(other, "after").claim is not None
    assert lists.find(promo_list.public_id).counter.claims == 2
    assert_every_invariant_holds()


def test_a_list_stands_either_among_the_lists_or_in_the_archive() -> None:
    one, two = a_list(), a_list()
    lists.archive(one.public_id, ACTOR)
    now = database_now()
    assert list(lists.search(now)) == [two]
    assert list(lists.search(now, archived=True)) == [one]
    assert lists.status_counts(now)[ListStatus.ACTIVE] == 1
    assert lists.status_counts(now, archived=True)[ListStatus.ACTIVE] == 1
    assert lists.archived_count() == 1
    lists.unarchive(one.public_id, ACTOR)
    assert set(lists.search(now)) == {one, two}
    assert lists.archived_count() == 0


def test_only_a_change_is_written_to_the_audit_log() -> None:
    public_id = a_list().public_id
    for verb in (lists.archive, lists.archive, lists.unarchive, lists.unarchive):
        verb(public_id, ACTOR)
    entries = AuditEntry.objects.filter(subject=public_id).order_by("created_at")
    actions = [entry.action for entry in entries]
    assert actions == ["list.created", "list.archived", "list.unarchived"]


@pytest.mark.parametrize("verb", [lists.archive, lists.unarchive])
def test_a_list_that_does_not_exist_is_not_archived(verb: object) -> None:
    with pytest.raises(Refused):
        verb("lst_none", ACTOR)  # type: ignore[operator]
    assert not PromoList.objects.exists()
