"""What the audit log is about: names and addresses for its public ids and codes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from promint.accounts.models import ApiKey
from promint.core import codes
from promint.core.models import AuditEntry, Batch, Code, Export, Offer, PromoList
from promint.core.rules import ids
from promint.dashboard.codes import address as code_address

_PUBLIC_ID = re.compile(r"[a-z]{3}_[0-9a-z]{13}")
_ABOUT_CODES = {"code.cancelled", "claim.made_for_customer"}
_ABOUT_CUSTOMERS = {"lockout.lifted"}


@dataclass(frozen=True)
class Named:
    text: str
    address: str = ""  # empty: it has no page


def names_of(entries: Iterable[AuditEntry]) -> dict[str, Named]:
    """By subject, and by each public id in what an entry holds: a query for each kind of thing."""
    entries = list(entries)
    texts = {entry.subject for entry in entries}
    texts |= {text for entry in entries for text in _texts(entry)}
    named = _public_ids({text for text in texts if _PUBLIC_ID.fullmatch(text)})
    named |= _codes({entry.subject for entry in entries if entry.action in _ABOUT_CODES})
    for entry in entries:
        if entry.action in _ABOUT_CUSTOMERS:
            named[entry.subject] = _customer(entry.subject)
    return named


def _texts(entry: AuditEntry) -> Iterable[str]:
    for held in (entry.before, entry.after):
        yield from (value for value in (held or {}).values() if isinstance(value, str))


def _public_ids(public_ids: set[str]) -> dict[str, Named]:
    def keys(prefix: str) -> list[int]:
        found = (ids.key_of(prefix, public_id) for public_id in public_ids)
        return [key for key in found if key is not None]

    def list_page(promo_list: PromoList) -> str:
        return reverse("list", args=[promo_list.public_id])

    batches = Batch.objects.select_related("list").in_bulk(keys(Batch.PREFIX))
    exports = Export.objects.select_related("list").in_bulk(keys(Export.PREFIX))
    lists = PromoList.objects.in_bulk(keys(PromoList.PREFIX))
    offers = Offer.objects.in_bulk(keys(Offer.PREFIX))
    api_keys = ApiKey.objects.in_bulk(keys(ApiKey.PREFIX))
    return {
        **{row.public_id: Named(row.name, list_page(row)) for row in lists.values()},
        **{
            row.public_id: Named(f"{row.label} of {row.list.name}", list_page(row.list))
            for row in batches.values()
        },
        **{
            row.public_id: Named(f"{row.list.name}, .{row.format}", list_page(row.list))
            for row in exports.values()
        },
        **{row.public_id: Named(row.name, reverse("offers")) for row in offers.values()},
        **{row.public_id: Named(row.name, reverse("keys")) for row in api_keys.values()},
    }


def _codes(values: set[str]) -> dict[str, Named]:
    found = Code.objects.select_related("batch").filter(value__in=values)
    return {
        state.value: Named(state.shown, code_address.page_of(state.shown))
        for state in codes.states(list(found))
    }


def _customer(customer: str) -> Named:
    return Named(customer, reverse("customer", args=[customer]))
