"""A database in which everything has happened once, and ways to break it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from promint.core import codes, lists
from promint.core.claiming.claims import Attempt, Result, claim_many
from promint.core.claiming.kept_answers import Answer
from promint.core.rules.rules import ListType
from tests.factories import ACTOR, a_batch, a_list, a_pending_batch, an_offer, claim, shown_codes


class Story:
    def __init__(self) -> None:
        offer = an_offer()
        self.promo_list = a_list(offers=[offer.public_id], tags=["spring", "vip"], entry_cap=100)
        self.batch = a_batch(self.promo_list, 6)
        shown = shown_codes(self.batch)
        self.claimed, self.cancelled, self.free, *_ = (codes.find(code).value for code in shown)
        claim(self.claimed, "cust-1")
        claim(self.claimed, "cust-2")  # refused
        codes.cancel(self.cancelled, "lost", ACTOR)
        self.shared = a_list(ListType.MULTI_USE, code="Many Times")
        attempt = Attempt("manytimes", "cust-1", "key_1", idempotency_key="order-1")
        claim_many([attempt], answer)
        claim("manytimes", "cust-2")
        lists.edit(self.shared.public_id, {"entry_cap": 50, "name": "Shared"}, ACTOR)
        self.pending = a_pending_batch(a_list(), 5)


def answer(result: Result) -> Answer:
    assert result.claim is not None
    return Answer(201, b'{"id":"%s"}' % result.claim.id.encode())


def execute(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount != 0, f"this breaks nothing: {sql}"


def without_constraints(*tables: str) -> None:
    """Drop the constraints, for breakages that no statement could otherwise make."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TABLE broken AS SELECT * FROM {table}")
            cascade = "CASCADE" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TABLE {table} {cascade}")
            cursor.execute(f"ALTER TABLE broken RENAME TO {table}")


def plain(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)


Breakage = Callable[[Story], None]
BREAKAGES: dict[str, tuple[set[int], Breakage]] = {}


def breaks(*numbers: int) -> Callable[[Breakage], Breakage]:
    def note(breakage: Breakage) -> Breakage:
        BREAKAGES[breakage.__name__] = set(numbers), breakage
        return breakage

    return note


@breaks(1)
def a_list_counts_a_claim_too_many(story: Story) -> None:
    execute("UPDATE core_listcounter SET claims = claims + 1 WHERE claims > 0")


@breaks(1)
def a_list_counts_a_code_too_many(story: Story) -> None:
    execute("UPDATE core_listcounter SET codes = codes + 1")


@breaks(1)
def a_list_counts_a_cancelled_code_too_many(story: Story) -> None:
    execute("UPDATE core_listcounter SET cancelled = cancelled + 1")


@breaks(1)
def a_batch_counts_a_code_that_is_not_there(story: Story) -> None:
    execute("UPDATE core_batch SET created = 1 WHERE status = 'pending'")


@breaks(1)
def a_batch_counts_a_cancelled_code_too_many(story: Story) -> None:
    execute("UPDATE core_batch SET cancelled = cancelled + 1")


@breaks(1)
def a_batch_counts_a_rejected_row_that_is_not_there(story: Story) -> None:
    execute("UPDATE core_batch SET rejected = 1")


@breaks(1)
def an_hour_counts_a_claim_too_few(story: Story) -> None:
    execute("UPDATE core_claimhour SET claims = claims - 1")


@breaks(1)
def an_hour_is_missing(story: Story) -> None:
    execute("DELETE FROM core_claimhour")


@breaks(1)
def a_list_has_no_counter(story: Story) -> None:
    execute("DELETE FROM core_listcounter WHERE list_id = %s", story.pending.list_id)


@breaks(2)
def a_cap_stands_below_the_claims(story: Story) -> None:
    without_constraints("core_listcounter")
    execute("UPDATE core_listcounter SET entry_cap = 1 WHERE claims = 2")


@breaks(1, 2)
def more_claims_than_the_cap_that_nobody_counted(story: Story) -> None:
    without_constraints("core_listcounter")
    execute("UPDATE core_listcounter SET entry_cap = 1, claims = 1 WHERE claims = 2")


def add_claim(code: str, customer: str, list_id: int, single_use: bool) -> None:
    execute(
        "INSERT INTO core_claim (code, customer, list_id, id, claimed_at, single_use)"
        " VALUES (%s, %s, %s, 'clm_0', CURRENT_TIMESTAMP, %s)",
        *(code, customer, list_id, single_use),
    )


@breaks(1, 3, 4)
def a_code_is_claimed_by_a_second_customer(story: Story) -> None:
    without_constraints("core_claim")
    add_claim(story.claimed, "cust-2", story.promo_list.id, True)


@breaks(1, 3, 4)
def a_customer_claims_a_shared_code_twice(story: Story) -> None:
    without_constraints("core_claim")
    add_claim("MANYTIMES", "cust-2", story.shared.id, False)


@breaks(3)
def a_claim_slips_out_of_the_index_that_allows_one(story: Story) -> None:
    execute("UPDATE core_claim SET single_use = %s WHERE code = %s", False, story.claimed)


@breaks(4)
def points_were_not_issued(story: Story) -> None:
    execute("DELETE FROM core_pointsentry WHERE code = %s", story.claimed)


@breaks(4)
def other_points_were_issued_than_promised(story: Story) -> None:
    execute("UPDATE core_pointsentry SET points = 99 WHERE customer = 'cust-2'")
    execute("UPDATE core_customer SET points = 99 WHERE id = 'cust-2'")


@breaks(4)
def a_balance_is_not_the_sum_of_its_ledger(story: Story) -> None:
    execute("UPDATE core_customer SET points = points + 1 WHERE id = 'cust-2'")


@breaks(4)
def an_offer_was_not_issued(story: Story) -> None:
    execute("DELETE FROM core_issuedoffer")


@breaks(4)
def a_tag_was_not_issued(story: Story) -> None:
    execute("DELETE FROM core_customertag WHERE tag = 'vip'")


@breaks(4)
def points_without_a_claim(story: Story) -> None:
    execute("INSERT INTO core_customer (id, points, claims) VALUES ('thief', 5, 0)")
    execute(
        "INSERT INTO core_pointsentry (customer, code, points, issued_at)"
        " VALUES ('thief', %s, 5, CURRENT_TIMESTAMP)",
        story.free,
    )


@breaks(4)
def an_offer_without_a_claim(story: Story) -> None:
    execute("UPDATE core_issuedoffer SET offer_id = 1")


@breaks(4)
def a_tag_without_a_claim(story: Story) -> None:
    execute(
        "INSERT INTO core_customertag (customer, tag, tagged_at)"
        " VALUES ('cust-2', 'vip', CURRENT_TIMESTAMP)"
    )


@breaks(5)
def an_acknowledged_claim_is_another(story: Story) -> None:
    execute("UPDATE core_claim SET id = 'clm_1' WHERE code = 'MANYTIMES' AND customer = 'cust-1'")


@breaks(1, 4, 5)
def an_acknowledged_claim_is_gone(story: Story) -> None:
    execute("DELETE FROM core_claim WHERE code = 'MANYTIMES' AND customer = 'cust-1'")


@breaks(5)
def an_attempt_at_no_code(story: Story) -> None:
    execute("UPDATE core_refusedattempt SET code = 'NOTHING'")


@breaks(1, 6)
def a_code_is_cancelled_and_claimed(story: Story) -> None:
    execute("UPDATE core_code SET cancelled_at = CURRENT_TIMESTAMP WHERE value = %s", story.claimed)


@breaks(1, 6)
def nobody_cancelled_a_cancelled_code(story: Story) -> None:
    execute("UPDATE core_code SET cancelled_at = CURRENT_TIMESTAMP WHERE value = %s", story.free)


@breaks(1, 6)
def a_cancelled_code_is_not(story: Story) -> None:
    execute("UPDATE core_code SET cancelled_at = NULL WHERE value = %s", story.cancelled)


@breaks(1, 4, 6)
def a_claim_stands_in_another_list(story: Story) -> None:
    execute(
        "UPDATE core_claim SET list_id = %s WHERE code = %s", story.pending.list_id, story.claimed
    )


@breaks(1, 6)
def a_claimed_code_is_gone(story: Story) -> None:
    without_constraints("core_claim")
    execute("UPDATE core_refusedattempt SET code = %s", story.free)
    execute("DELETE FROM core_code WHERE value = %s", story.claimed)


@breaks(1, 7)
def an_active_batch_lacks_a_code(story: Story) -> None:
    without_constraints("core_batch")
    execute("UPDATE core_batch SET created = created - 1 WHERE status = 'active'")


@breaks(1, 7)
def a_whole_batch_is_still_pending(story: Story) -> None:
    execute("UPDATE core_batch SET status = 'pending' WHERE status = 'active'")


@breaks(7)
def codes_of_a_batch_that_does_not_exist(story: Story) -> None:
    without_constraints("core_batch", "core_cancellation", "core_export", "core_mail")
    execute("DELETE FROM core_batch WHERE status = 'active'")
    execute("UPDATE core_listcounter SET codes = 0, cancelled = 0 WHERE codes > 1")


@breaks(6, 7)
def codes_of_a_list_that_does_not_exist(story: Story) -> None:
    execute("UPDATE core_code SET list_id = 1 WHERE batch_id IS NOT NULL")
    execute("UPDATE core_listcounter SET codes = 0, cancelled = 0 WHERE codes > 1")


@breaks(7)
def codes_of_no_batch(story: Story) -> None:
    execute("UPDATE core_code SET batch_id = NULL WHERE value = %s", story.free)
    without_constraints("core_batch")
    execute("UPDATE core_batch SET created = 5, quantity = 5 WHERE status = 'active'")


@breaks(1, 6, 7)
def a_multi_use_list_without_its_code(story: Story) -> None:
    without_constraints("core_claim")
    execute("UPDATE core_code SET list_id = 1 WHERE value = 'MANYTIMES'")


@breaks(8)
def a_claim_before_the_start(story: Story) -> None:
    early = story.promo_list.starts_at - timedelta(seconds=1)
    execute("UPDATE core_claim SET claimed_at = %s WHERE code = %s", plain(early), story.claimed)
    execute("DELETE FROM core_claimhour WHERE list_id = %s", story.promo_list.id)
    execute(
        "INSERT INTO core_claimhour (list_id, hour, claims) VALUES (%s, %s, 1)",
        story.promo_list.id,
        plain(early.replace(minute=0, second=0, microsecond=0)),
    )


@breaks(8)
def an_end_was_moved_past_the_audit_log(story: Story) -> None:
    later = story.promo_list.ends_at + timedelta(seconds=1)
    execute(
        "UPDATE core_promolist SET ends_at = %s WHERE id = %s", plain(later), story.promo_list.id
    )


@breaks(9)
def a_key_with_two_answers(story: Story) -> None:
    without_constraints("core_keptanswer")
    execute(
        "INSERT INTO core_keptanswer (key, owner, fingerprint, status, body, kept_at)"
        " SELECT key, owner, fingerprint, 409, body, kept_at FROM core_keptanswer"
    )


@breaks(9)
def two_keys_of_one_claim(story: Story) -> None:
    execute(
        "INSERT INTO core_keptanswer (key, owner, fingerprint, status, body, kept_at)"
        " SELECT 'other', owner, fingerprint, status, body, kept_at FROM core_keptanswer"
    )


@breaks(10)
def a_code_in_lower_case(story: Story) -> None:
    execute("UPDATE core_code SET value = lower(value) WHERE value = %s", story.free)


@breaks(1, 7, 10)
def a_code_that_exists_twice(story: Story) -> None:
    without_constraints("core_code", "core_claim")
    execute("INSERT INTO core_code SELECT * FROM core_code WHERE value = 'MANYTIMES'")


@breaks(10)
def a_code_that_reads_like_another(story: Story) -> None:
    execute("UPDATE core_code SET typed = 'Other' WHERE value = %s", story.free)
