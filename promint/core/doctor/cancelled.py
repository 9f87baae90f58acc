"""What must hold of codes that were cancelled in bulk, and of those made available again."""

from collections.abc import Iterator

from promint.core.doctor.counters import Facts
from promint.core.doctor.examples import breaches


def codes_not_kept_cancelled(_: Facts) -> Iterator[str]:
    yield from breaches(
        "code {}: available although a cancellation that was not undone cancelled it",
        "SELECT DISTINCT x.code FROM core_cancelledcode x LEFT JOIN core_code c ON c.value = x.code"
        " WHERE (x.undone_at IS NULL OR x.kept) AND c.cancelled_at IS NULL",
    )


def codes_not_available_again(_: Facts) -> Iterator[str]:
    """Codes that are still cancelled after their undo. A later cancellation of the code would
    have a later time."""
    yield from breaches(
        "code {}: still cancelled although its cancellation was undone",
        "SELECT c.value FROM core_code c JOIN (SELECT code, MAX(undone_at) AS undone_at"
        " FROM core_cancelledcode GROUP BY code"
        " HAVING COUNT(*) = COUNT(undone_at) AND SUM(CASE WHEN kept THEN 1 ELSE 0 END) = 0) x"
        " ON x.code = c.value WHERE c.cancelled_at <= x.undone_at",
    )
    yield from breaches(
        "cancellation {}: undone, but not for {} of its codes",
        "SELECT n.id, COUNT(*) FROM core_cancellation n JOIN core_cancelledcode x"
        " ON x.cancellation_id = n.id AND x.undone_at IS NULL"
        " WHERE n.undone_at IS NOT NULL GROUP BY n.id",
    )


def cancellations_that_miscount(_: Facts) -> Iterator[str]:
    yield from breaches(
        "cancellation {}: it counts {} cancelled and {} available again; there are {} and {}",
        "SELECT * FROM (SELECT n.id, n.cancelled, n.freed,"
        " COALESCE(SUM(CASE WHEN x.earlier THEN 0 ELSE 1 END), 0)"
        " - SUM(CASE WHEN x.code IS NULL THEN 1 ELSE 0 END) AS made,"
        " COALESCE(SUM(CASE WHEN x.freed THEN 1 ELSE 0 END), 0) AS made_available"
        " FROM core_cancellation n LEFT JOIN core_cancelledcode x ON x.cancellation_id = n.id"
        " GROUP BY n.id, n.cancelled, n.freed) counted"
        " WHERE cancelled <> made OR freed <> made_available",
    )
