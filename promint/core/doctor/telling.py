"""What must hold of what endpoints are told: each claim once, as it was written."""

from collections.abc import Iterator

from promint.core.doctor.counters import Facts
from promint.core.doctor.examples import breaches
from promint.core.storage import on_postgresql

# Who a claim is told to, of those that listened a minute before it: an endpoint may have been
# committed while the claim was. Deliveries are kept for seven days, so six are looked at.
_LISTENS = {
    True: "w.events @> '[\"claim.created\"]' AND c.claimed_at > now() - interval '6 days'"
    " AND c.claimed_at > w.listening_since + interval '1 minute'",
    False: "EXISTS (SELECT 1 FROM json_each(w.events) WHERE value = 'claim.created')"
    " AND c.claimed_at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-6 days')"
    " AND c.claimed_at > strftime('%Y-%m-%d %H:%M:%f', w.listening_since, '+1 minute')",
}
_OF_CLAIMS = " FROM core_delivery d WHERE d.event = 'claim.created'"


def _told(field: str) -> str:
    """Of the body's data, as SQL."""
    if on_postgresql():
        return f"(d.body::json -> 'data' ->> '{field}')"
    return f"json_extract(d.body, '$.data.{field}')"


def claims_not_told_once(_: Facts) -> Iterator[str]:
    claim = _told("id")
    yield from breaches(
        "endpoint {}: it is not told of the claim {}",
        "SELECT * FROM (SELECT w.id, c.id AS claim"  # noqa: S608 (constants of this file)
        " FROM core_webhook w, core_claim c"
        f" WHERE w.status IN ('active', 'paused') AND {_LISTENS[on_postgresql()]}"
        f" EXCEPT SELECT d.webhook_id, {claim} {_OF_CLAIMS}) AS missing",
    )
    yield from breaches(
        "endpoint {}: it is told of the claim {} {} times",
        f"SELECT d.webhook_id, {claim}, COUNT(DISTINCT d.event_id) {_OF_CLAIMS}"
        f" GROUP BY d.webhook_id, {claim} HAVING COUNT(DISTINCT d.event_id) > 1",
    )


def bodies_that_changed(_: Facts) -> Iterator[str]:
    yield from breaches(
        "event {}: it has {} bodies",
        "SELECT event_id, COUNT(DISTINCT body) FROM core_delivery"
        " GROUP BY event_id HAVING COUNT(DISTINCT body) > 1",
    )
    yield from breaches(
        "delivery {}: it tells of the claim {} by {}, and there is none",
        f"SELECT d.id, {_told('id')}, {_told('customer')}"  # noqa: S608 (constants of this file)
        f" {_OF_CLAIMS} AND NOT EXISTS (SELECT 1 FROM core_claim c WHERE c.id = {_told('id')}"
        f" AND c.customer = {_told('customer')} AND c.list_id = d.list_id)",
    )
