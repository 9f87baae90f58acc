"""What must hold of webhooks: each endpoint is told of each event once, with the body as it was
written."""

from collections.abc import Iterator

from promint.core.doctor.counters import Facts
from promint.core.doctor.examples import breaches
from promint.core.storage import on_postgresql

# The time since which an endpoint must have been told of everything. The first minute is left out,
# because the endpoint may have been committed at the same time as an event. Deliveries are kept for
# seven days, so six are checked.
_SIX_DAYS_AGO = {
    True: "now() - interval '6 days'",
    False: "strftime('%Y-%m-%d %H:%M:%f', 'now', '-6 days')",
}
_SINCE = {
    True: f"GREATEST(w.listening_since + interval '1 minute', {_SIX_DAYS_AGO[True]})",
    False: "MAX(strftime('%Y-%m-%d %H:%M:%f', w.listening_since, '+1 minute'),"
    f" {_SIX_DAYS_AGO[False]})",
}
_WANTS = {
    True: "jsonb_exists(w.events, f.event)",
    False: "EXISTS (SELECT 1 FROM json_each(w.events) WHERE value = f.event)",
}
_CLAIMS = "SELECT list_id, 'claim.created' AS event, claimed_at AS at, id FROM core_claim"
# Events that leave a row to count. Changes of a list and limits that are near do not.
_OTHERS = """
SELECT list_id, 'claim.reversed' AS event, reversed_at AS at FROM core_reversal
UNION ALL
SELECT list_id, 'code.cancelled', cancelled_at FROM core_code WHERE cancelled_at IS NOT NULL
UNION ALL
SELECT list_id, 'code.handed_out', handed_out_at FROM core_handout
UNION ALL
SELECT list_id, 'batch.' || status, finished_at FROM core_batch WHERE status IN ('active', 'failed')
UNION ALL
SELECT id, 'list.created', created_at FROM core_promolist
"""
_OF_CLAIMS = " FROM core_delivery d WHERE d.event = 'claim.created'"


def _recent(facts: str) -> str:
    """SQL for the recent events, which are read once for all endpoints."""
    since = _SIX_DAYS_AGO[on_postgresql()]
    return f"WITH f AS MATERIALIZED (SELECT * FROM ({facts}) every WHERE every.at > {since})"


def _wanted() -> str:
    """SQL for the endpoints and the events that each should be told of."""
    return (
        f" FROM core_webhook w JOIN f ON f.at > {_SINCE[on_postgresql()]}"
        f" AND {_WANTS[on_postgresql()]} WHERE w.status IN ('active', 'paused')"
    )


def _told(field: str) -> str:
    """SQL for a field of the body's data."""
    if on_postgresql():
        return f"(d.body::json -> 'data' ->> '{field}')"
    return f"json_extract(d.body, '$.data.{field}')"


def claims_not_told_once(_: Facts) -> Iterator[str]:
    claim = _told("id")
    yield from breaches(
        "endpoint {}: it is not told of the claim {}",
        f"{_recent(_CLAIMS)} SELECT * FROM (SELECT w.id, f.id AS claim {_wanted()}"
        f" EXCEPT SELECT d.webhook_id, {claim} {_OF_CLAIMS}) AS missing",
    )
    yield from breaches(
        "endpoint {}: it is told of the claim {} {} times",
        f"SELECT d.webhook_id, {claim}, COUNT(DISTINCT d.event_id) {_OF_CLAIMS}"
        f" GROUP BY d.webhook_id, {claim} HAVING COUNT(DISTINCT d.event_id) > 1",
    )


def others_not_told(_: Facts) -> Iterator[str]:
    yield from breaches(
        "endpoint {}: it is not told of each {} of list {}: {} there are",
        f"{_recent(_OTHERS)} SELECT w.id, f.event, f.list_id, COUNT(*) {_wanted()}"
        " GROUP BY w.id, f.list_id, f.event HAVING COUNT(*) >"
        " (SELECT COUNT(DISTINCT d.event_id) FROM core_delivery d WHERE d.webhook_id = w.id"
        " AND d.list_id = f.list_id AND d.event = f.event"
        f" AND d.created_at > {_SINCE[on_postgresql()]})",
    )


def bodies_that_changed(_: Facts) -> Iterator[str]:
    yield from breaches(
        "event {}: it has {} bodies",
        "SELECT event_id, COUNT(DISTINCT body) FROM core_delivery"
        " GROUP BY event_id HAVING COUNT(DISTINCT body) > 1",
    )
    # Joined by the id only. If the list were compared too, SQLite would read all claims of a list
    # for each delivery.
    yield from breaches(
        "delivery {}: it tells of the claim {} by {}, and there is none",
        f"SELECT d.id, {_told('id')}, {_told('customer')} FROM core_delivery d"
        f" LEFT JOIN core_claim c ON c.id = {_told('id')} WHERE d.event = 'claim.created'"
        f" AND (c.id IS NULL OR c.customer <> {_told('customer')} OR c.list_id <> d.list_id)",
    )
