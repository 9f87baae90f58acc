"""A list's own sentences, which customers read when one of its codes is refused."""

from collections.abc import Mapping

from django.db.models import F

from promint.core import audit
from promint.core.lists.lists import find, lock_counter
from promint.core.models import PromoList
from promint.core.rules import check_seen, invalid, wrong_messages
from promint.core.storage import durable


@durable
def set_customer_messages(
    public_id: str,
    messages: Mapping[str, str],
    actor: str,
    seen: Mapping[str, str] | None = None,
) -> PromoList:
    """Replace all of them. `messages`: by verdict; for one that is not there, customers read the
    usual sentence. `seen`: all of them, for which the change was made; None means any. Raises
    Refused."""
    wanted = {name: text.strip() for name, text in messages.items()}
    if wrong := {name: why for name, why in wrong_messages(wanted).items() if why}:
        raise invalid(wrong)
    promo_list = find(public_id)
    lock_counter(promo_list.id)
    promo_list.refresh_from_db(fields=["customer_messages"])
    check_seen({"all": promo_list.customer_messages}, None if seen is None else {"all": dict(seen)})
    if (before := promo_list.customer_messages) != wanted:
        row = PromoList.objects.filter(id=promo_list.id)
        row.update(customer_messages=wanted, offer_renames=F("offer_renames") + 1)
        audit.record(actor, "list.messages_changed", public_id, before=before, after=wanted)
    return find(public_id)
