"""Archived lists are left out where lists are listed. Nothing else about them changes: their codes
can be claimed as their dates and caps allow."""

from promint.core import audit
from promint.core.lists.lists import find
from promint.core.models import PromoList
from promint.core.storage import database_now, durable


@durable
def archive(public_id: str, actor: str) -> PromoList:
    """Archive the list. Does nothing if it is archived already. Raises Refused if there is no
    such list."""
    key, now = find(public_id).id, database_now()
    if PromoList.objects.filter(id=key, archived_at=None).update(archived_at=now):
        audit.record(actor, "list.archived", public_id, at=now)
    return find(public_id)


@durable
def unarchive(public_id: str, actor: str) -> PromoList:
    """Bring the list back. Does nothing if it is not archived. Raises Refused if there is no
    such list."""
    archived = PromoList.objects.filter(id=find(public_id).id, archived_at__isnull=False)
    if archived.update(archived_at=None):
        audit.record(actor, "list.unarchived", public_id)
    return find(public_id)
