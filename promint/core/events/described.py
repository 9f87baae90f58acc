"""Lists and batches in the data of events. They contain no codes; only `claim.*` and `code.*`
events do."""

from datetime import datetime
from typing import Any

from promint.core.models import Batch, PromoList
from promint.core.rules import rfc3339


def list_data(promo_list: PromoList, now: datetime) -> dict[str, Any]:
    """The data of a list that was read with its counter. The code of a multi use list is left
    out."""
    counter = promo_list.counter
    return {
        "id": promo_list.public_id,
        "name": promo_list.name,
        "type": promo_list.type,
        "status": promo_list.status(now).value,
        "starts_at": rfc3339(promo_list.starts_at),
        "ends_at": rfc3339(promo_list.ends_at),
        "timezone": promo_list.timezone,
        "entry_cap": counter.entry_cap,
        "claim_count": counter.claims,
        "code_count": counter.codes,
        "cancelled_count": counter.cancelled,
    }


def batch_data(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.public_id,
        "list": batch.list.public_id,
        "source": batch.source,
        "name": batch.name,
        "quantity": batch.quantity,
        "created": batch.created,
        "rejected": batch.rejected,
        "status": str(batch.status),
        "error": batch.error,
        "created_at": rfc3339(batch.created_at),
        "finished_at": batch.finished_at and rfc3339(batch.finished_at),
    }
