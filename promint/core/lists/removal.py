"""Deletes lists that were made by mistake: those from which nothing ever came."""

from django.db.models import ProtectedError

from promint.core import audit
from promint.core.lists.lists import find, lock_counter
from promint.core.models import (
    Batch,
    BulkHandoutRow,
    Cancellation,
    Claim,
    Code,
    Export,
    Handout,
    PromoList,
    RejectedRow,
)
from promint.core.rules import BatchStatus, ListType, Refusal, Refused
from promint.core.storage import durable

_WAY_OUT = "It can be ended instead."


@durable
def remove(public_id: str, actor: str) -> None:
    """Delete a list that has no codes and no claims. Raises Refused."""
    promo_list = find(public_id)
    lock_counter(promo_list.id)  # every new batch and every claim waits for this lock
    batches = Batch.objects.select_for_update().filter(list=promo_list)
    keys = [batch.id for batch in batches]  # locks them, so that none is tried again meanwhile
    if why := why_it_stays(promo_list):
        raise _in_use(why)
    RejectedRow.objects.filter(batch__in=keys).delete()
    BulkHandoutRow.objects.filter(bulk__list=promo_list).delete()
    for jobs in (Export, Cancellation):  # these have no codes
        jobs.objects.filter(list=promo_list).delete()
    try:
        Batch.objects.filter(id__in=keys).delete()
        promo_list.delete()
    except ProtectedError:
        raise _in_use(f"Something else belongs to the list. {_WAY_OUT}") from None
    before = {"name": promo_list.name, "type": promo_list.type}
    audit.record(actor, "list.deleted", public_id, before=before)


def why_it_stays(promo_list: PromoList) -> str:
    """Why the list cannot be deleted, and what to do instead; empty if it can be deleted."""
    if promo_list.type == ListType.MULTI_USE:
        return f"Its code {promo_list.named_code} belongs to the list for ever. {_WAY_OUT}"
    batches = Batch.objects.filter(list=promo_list)
    if any(batch.status == BatchStatus.PENDING for batch in batches):
        return "A batch of the list is being made. Wait until it is finished."
    if any(map(_has_codes, batches)):
        return f"The list has codes, which customers may have. {_WAY_OUT}"
    if any(table.objects.filter(list=promo_list).exists() for table in (Claim, Handout)):
        return f"Codes of the list were claimed or handed out. {_WAY_OUT}"
    return ""


def _has_codes(batch: Batch) -> bool:
    """A failed upload has none if no row of it became a code."""
    return batch.status == BatchStatus.ACTIVE or Code.objects.filter(batch=batch).exists()


def _in_use(why: str) -> Refused:
    return Refused(Refusal.LIST_IN_USE, f"The list cannot be deleted. {why}")
