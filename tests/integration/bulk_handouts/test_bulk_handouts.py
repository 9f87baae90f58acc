"""Everyone in a file gets the code that a single request would give them, and every row is
accounted for."""

import os
from datetime import timedelta

import pytest

from promint.core import bulk_handouts, codes, lists
from promint.core.bulk_handouts import giving
from promint.core.codes import handouts
from promint.core.models import AuditEntry, BulkHandout, BulkHandoutRow, Handout, PromoList
from promint.core.reading import Row
from promint.core.rules import HandoutRules, Refusal, limits
from promint.core.rules.rules import ListType
from promint.core.storage import jobs, stored_files
from promint.core.storage.clock import database_now
from promint.worker.forgetting import Forgetting
from tests.bulk import hand_out_all, handed_out, in_bulk, left_out, refused
from tests.factories import ACTOR, a_batch, a_list, claim, let_go, shown_codes
from tests.soundness import assert_every_invariant_holds
from tests.uploaded_files import xlsx


def asked(promo_list: PromoList, content: bytes, name: str = "r.csv") -> BulkHandout:
    return bulk_handouts.request(promo_list.public_id, name, [content], ACTOR)


def test_everyone_gets_a_code_and_who_has_one_gets_it_again() -> None:
    promo_list = a_list()
    made = shown_codes(a_batch(promo_list, 4))
    single, _ = handouts.hand_out(promo_list.public_id, "cust-2", ACTOR)
    bulk = in_bulk(promo_list, ["cust-3", "cust-2", "cust-1"])
    assert (bulk.status, bulk.quantity, bulk.handed_out, bulk.rejected) == ("active", 3, 3, 0)
    found = handed_out(bulk)
    assert [recipient for recipient, _ in found] == ["cust-3", "cust-2", "cust-1"]
    assert dict(found)["cust-2"] == single.shown
    assert len({code for _, code in found} & {*made}) == 3
    again, is_new = handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
    assert (again.shown, is_new) == (dict(found)["cust-1"], False)
    assert handed_out(in_bulk(promo_list, ["cust-3", "cust-2", "cust-1"])) == found
    assert_every_invariant_holds()


def test_every_row_ends_with_a_code_or_with_a_reason() -> None:
    promo_list = a_list()
    a_batch(promo_list, 2)
    content = f'E-Mail,n\na@b.de,1\n"two\nlines",2\n{"x" * 300},3\na@b.de,4\nA@b.de,5\nc@d.de,6\n'
    bulk = hand_out_all(asked(promo_list, content.encode()))
    assert [recipient for recipient, _ in handed_out(bulk)] == ["a@b.de", "A@b.de"]
    assert left_out(bulk) == [
        ("3", "two lines", "malformed"),
        ("5", "x" * 200, "malformed"),
        ("6", "a@b.de", "duplicate_in_file"),
        ("8", "c@d.de", "no_codes_left"),
    ]
    assert bulk.reasons == {"malformed": 2, "duplicate_in_file": 1, "no_codes_left": 1}
    assert (bulk.account["header"], bulk.account["counts"]) == ("E-Mail", bulk.reasons)


def test_a_workbook_is_read_and_numbers_are_what_a_person_sees() -> None:
    promo_list = a_list(ListType.SINGLE_USE)
    a_batch(promo_list, 3)
    content = xlsx([["Name", "Kundennummer"], ["Ada", 10023], ["Bo", "K-7"], ["Cy", 12.5]])
    bulk = hand_out_all(asked(promo_list, content, "kunden.xlsx"))
    assert [recipient for recipient, _ in handed_out(bulk)] == ["10023", "K-7"]
    assert left_out(bulk) == [("4", "12.5", "formatted_number")]


def test_a_file_of_which_the_column_is_not_clear_is_refused_with_choices() -> None:
    promo_list, stored = a_list(), files()
    for content in (b"a,b\nx,1\n", b"customer,email\nx,a@b.de\n"):
        with refused(Refusal.COLUMN_NEEDED) as raised:
            asked(promo_list, content)
        assert [one["number"] for one in raised.value.more["choices"]] == [1, 2]
        assert "recipients" in raised.value.detail
    assert not BulkHandout.objects.exists()
    assert files() == stored


def files() -> set[str]:
    return set(os.listdir(stored_files.directory("uploads")))


def test_no_cell_of_the_result_is_a_formula() -> None:
    promo_list = a_list()
    a_batch(promo_list, 2)
    bulk = in_bulk(promo_list, ["+4930123", "=1+1"])
    text = "".join(bulk_handouts.download(bulk.public_id, ACTOR))
    assert text.startswith('\ufeff"recipient","code"\r\n"\'+4930123","')
    assert '"\'=1+1","' in text
    again = hand_out_all(asked(promo_list, text.encode()))  # our own file can be sent again
    assert [row.recipient for row in Handout.objects.order_by("recipient")] == ["+4930123", "=1+1"]
    assert handed_out(again) == handed_out(bulk)


def test_a_list_that_hands_nothing_out_now_takes_no_file() -> None:
    for promo_list, refusal in [
        (a_list(ListType.MULTI_USE), Refusal.WRONG_LIST_TYPE),
        (a_list(starts_in=timedelta(days=1)), Refusal.CODE_NOT_ACTIVE),
        (
            a_list(starts_in=timedelta(days=-2), ends_in=timedelta(days=-1)),
            Refusal.LIST_COMPLETED,
        ),
    ]:
        with refused(refusal):
            asked(promo_list, b"cust-1\n")


def test_before_the_start_a_file_is_taken_when_that_is_said() -> None:
    promo_list = a_list(starts_in=timedelta(days=1))
    a_batch(promo_list, 1)
    assert len(handed_out(in_bulk(promo_list, ["cust-1"], early=True))) == 1


def test_a_list_that_is_completed_meanwhile_gives_no_more() -> None:
    promo_list = a_list(entry_cap=1)
    code, *_ = shown_codes(a_batch(promo_list, 3))
    bulk = asked(promo_list, b"cust-1\n")
    claim(code, "cust-9")
    assert left_out(hand_out_all(bulk)) == [("1", "cust-1", "list_completed")]


def test_where_a_person_may_have_several_a_file_brings_one_more_and_the_latest_in_the_end() -> None:
    promo_list = a_list(handout=HandoutRules(per_recipient=2))
    a_batch(promo_list, 5)
    got = [handed_out(in_bulk(promo_list, ["cust-1"]))[0][1] for _ in range(3)]
    assert got[0] != got[1] == got[2]


def test_a_worker_that_takes_over_finds_who_has_theirs_by_this_file() -> None:
    """The worker was killed after the codes were committed and before their rows were."""
    promo_list = a_list(handout=HandoutRules(per_recipient=5))
    a_batch(promo_list, 9)
    bulk = asked(promo_list, b"cust-1\ncust-2\n")
    served = [giving.serve(bulk, ["cust-1", "cust-2"]) for _ in range(2)]
    assert served[0]["cust-1"] == served[1]["cust-1"]
    assert len(handed_out(hand_out_all(bulk))) == Handout.objects.count() == 2
    assert len(handed_out(in_bulk(promo_list, ["cust-1"]))) == 1
    assert Handout.objects.count() == 3


def test_whoever_lost_the_lease_accounts_for_no_row() -> None:
    promo_list = a_list()
    a_batch(promo_list, 3)
    bulk = asked(promo_list, b"cust-1\n")
    zombie = jobs.take(bulk_handouts.waiting())
    let_go(bulk)
    assert jobs.take(bulk_handouts.waiting()) is not None
    assert zombie is not None
    row = Row(0, 1, "cust-1", "cust-1", "")
    with pytest.raises(jobs.LostLease):
        giving.store(zombie, [row], giving.serve(zombie, ["cust-1"]))
    assert not BulkHandoutRow.objects.exists()
    let_go(bulk)
    assert len(handed_out(hand_out_all(bulk))) == Handout.objects.count() == 1


def test_many_rows_are_done_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving, "CHUNK", 7)
    monkeypatch.setattr(giving, "TURN", 0.001)
    promo_list = a_list()
    first, second = a_batch(promo_list, 20), a_batch(promo_list, 20)
    codes.cancel(shown_codes(first)[3], "lost", ACTOR)
    stored = files()
    bulk = in_bulk(promo_list, [f"cust-{n:02}" for n in range(50)])
    found = handed_out(bulk)
    assert [recipient for recipient, _ in found] == [f"cust-{n:02}" for n in range(39)]
    assert {code for _, code in found} < {*shown_codes(first), *shown_codes(second)}
    assert bulk.reasons == {"no_codes_left": 11}
    assert files() == stored
    assert_every_invariant_holds()


def test_a_file_without_recipients_fails_with_a_sentence() -> None:
    bulk = hand_out_all(asked(a_list(), b"customer\n\n"))
    assert (bulk.status, bulk.error) == ("failed", "There are no recipients in the file.")
    with refused(Refusal.NOT_FOUND):
        bulk_handouts.download(bulk.public_id, ACTOR)


def test_a_list_that_had_no_codes_for_a_file_can_be_deleted_with_what_is_kept() -> None:
    promo_list = a_list()
    assert in_bulk(promo_list, ["cust-1"]).reasons == {"no_codes_left": 1}
    lists.remove(promo_list.public_id, ACTOR)
    assert not BulkHandoutRow.objects.exists()
    assert not BulkHandout.objects.exists()


def test_who_got_what_is_kept_for_a_day_and_downloads_are_noted() -> None:
    promo_list = a_list()
    a_batch(promo_list, 9)
    pending = asked(promo_list, b"cust-9\n")
    with refused(Refusal.EXPORT_PENDING):
        bulk_handouts.download(pending.public_id, ACTOR)
    hand_out_all(pending)
    bulk = in_bulk(promo_list, ["cust-1", "cust-2", "cust-1"])
    assert len(handed_out(bulk)) == 2
    noted = AuditEntry.objects.filter(subject=bulk.public_id).values_list("action", flat=True)
    assert set(noted) == {"handouts.requested", "handouts.downloaded"}
    past = database_now() - limits.BULK_HANDOUTS_KEPT
    BulkHandout.objects.filter(id=bulk.id).update(finished_at=past)
    assert [bulk_handouts.forget_old(database_now(), 2) for _ in range(3)] == [2, 1, 0]
    Forgetting().turn()
    assert BulkHandoutRow.objects.get().value == "cust-9"
    for read in (bulk_handouts.download, bulk_handouts.download_rejects):
        with refused(Refusal.NOT_FOUND):
            read(bulk.public_id, ACTOR)
