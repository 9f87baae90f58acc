"""What must hold of codes that were taken back, handed out or cancelled in bulk."""

from collections.abc import Iterator

from promint.core.doctor.counters import Facts
from promint.core.doctor.examples import breaches


def reversals_of_nothing(_: Facts) -> Iterator[str]:
    yield from breaches(
        "reversal of {} by {}: there is no such claim",
        "SELECT r.code, r.customer FROM core_reversal r WHERE NOT EXISTS (SELECT 1"
        " FROM core_claim k WHERE k.code = r.code AND k.customer = r.customer"
        " AND k.round = r.round AND k.list_id = r.list_id)",
    )
    yield from breaches(
        "claim of {} by {}: reversed {} times",
        "SELECT code, customer, COUNT(*) FROM core_reversal GROUP BY code, customer, round"
        " HAVING COUNT(*) > 1",
    )


def reversals_that_took_something_else(_: Facts) -> Iterator[str]:
    yield from breaches(
        "reversal of {} by {}: {} points went back, {} were issued",
        "SELECT r.code, r.customer, COALESCE(-b.points, 0), COALESCE(p.points, 0)"
        " FROM core_reversal r LEFT JOIN core_pointsentry p ON p.customer = r.customer"
        " AND p.code = r.code AND p.round = r.round AND NOT p.reversal"
        " LEFT JOIN core_pointsentry b ON b.customer = r.customer"
        " AND b.code = r.code AND b.round = r.round AND b.reversal"
        " WHERE COALESCE(p.points, 0) <> r.points OR COALESCE(-b.points, 0) <> r.points",
    )
    yield from breaches(
        "customer {}: {} points taken back for the code {}, without a reversal",
        "SELECT p.customer, -p.points, p.code FROM core_pointsentry p WHERE p.reversal"
        " AND NOT EXISTS (SELECT 1 FROM core_reversal r WHERE r.customer = p.customer"
        " AND r.code = p.code AND r.round = p.round)",
    )
    yield from breaches(
        "customer {}: an offer for the code {} is withdrawn without a reversal, or not with one",
        "SELECT i.customer, i.code FROM core_issuedoffer i LEFT JOIN core_reversal r"
        " ON r.customer = i.customer AND r.code = i.code AND r.round = i.round"
        " WHERE (r.code IS NULL) <> (i.withdrawn_at IS NULL)",
    )


def rounds_without_a_reversal(_: Facts) -> Iterator[str]:
    """A round after the first begins when a reversal made the code available again."""
    yield from breaches(
        "code {}: claimed again by {}, but it was not available again",
        "SELECT k.code, k.customer FROM core_claim k WHERE k.round > 0 AND NOT EXISTS (SELECT 1"
        " FROM core_reversal r WHERE r.code = k.code AND r.round = k.round - 1"
        " AND r.available_again AND (k.single_use OR r.customer = k.customer))",
    )


def handouts_of_nothing(_: Facts) -> Iterator[str]:
    yield from breaches(
        "handout of {} to {}: its list has no such code",
        "SELECT h.code, h.recipient FROM core_handout h LEFT JOIN core_code c ON c.value = h.code"
        " WHERE c.value IS NULL OR c.list_id <> h.list_id",
    )


def handouts_too_many(_: Facts) -> Iterator[str]:
    yield from breaches(
        "code {}: handed out {} times",
        "SELECT code, COUNT(*) FROM core_handout GROUP BY code HAVING COUNT(*) > 1",
    )
    yield from breaches(
        "recipient {}: {} codes of one list, which allows {}",
        "SELECT h.recipient, COUNT(*), l.handout_per_recipient FROM core_handout h"
        " JOIN core_promolist l ON l.id = h.list_id"
        " GROUP BY h.list_id, h.recipient, l.handout_per_recipient"
        " HAVING COUNT(*) > l.handout_per_recipient",
    )


def handouts_miscounted(_: Facts) -> Iterator[str]:
    yield from breaches(
        "list {}: {} codes counted as handed out, {} were",
        "SELECT list_id, CAST(SUM(counted) AS bigint), CAST(SUM(made) AS bigint) FROM ("
        " SELECT list_id, codes AS counted, 0 AS made FROM core_handoutcount"
        " UNION ALL SELECT list_id, 0, COUNT(*) FROM core_handout GROUP BY list_id"
        ") counts GROUP BY list_id HAVING SUM(counted) <> SUM(made)",
    )


def bound_codes_of_others(_: Facts) -> Iterator[str]:
    yield from breaches(
        "code {}: bound to {}, but claimed by {}",
        "SELECT h.code, h.recipient, k.customer FROM core_handout h"
        " JOIN core_promolist l ON l.id = h.list_id AND l.handout_bound"
        " JOIN core_claim k ON k.code = h.code WHERE k.customer <> h.recipient"
        " AND NOT EXISTS (SELECT 1 FROM core_reversal r WHERE r.code = k.code"
        " AND r.customer = k.customer AND r.round = k.round)",
    )
