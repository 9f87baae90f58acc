"""Names and addresses of what entries of the audit log are about, from public ids and codes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from promint.accounts import keys
from promint.core import audit, codes
from promint.core.models import (
    AuditEntry,
    Batch,
    BulkHandout,
    Cancellation,
    Export,
    Offer,
    PromoList,
)
from promint.dashboard.cancellations import cancelled_codes
from promint.dashboard.codes import address as code_address

_PUBLIC_ID = re.compile(r"[a-z]{3}_[0-9a-z]{13}")
_ABOUT_CODES = {"claim.made_for_customer", "claim.reversed", "code.cancelled", "code.handed_out"}
_ABOUT_CUSTOMERS = {"lockout.lifted"}


@dataclass(frozen=True)
class Named:
    text: str
    address: str = ""  # empty: it has no page


def names_of(entries: Iterable[AuditEntry]) -> dict[str, Named]:
    """By subject, and by each public id in an entry's values. One query for each kind of thing."""
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
    known = {name: _named(row) for name, row in audit.named(public_ids).items()}
    known |= {
        name: Named(text) for name, text in audit.deleted_lists(public_ids - set(known)).items()
    }
    api_keys = keys.named(public_ids)
    return known | {name: Named(row.name, reverse("keys")) for name, row in api_keys.items()}


def _named(row: audit.Named) -> Named:
    match row:
        case Offer():
            return Named(row.name, reverse("offer", args=[row.public_id]))
        case PromoList():
            return Named(row.name, _list_page(row))
        case Batch():
            return Named(f"{row.label} of {row.list.name}", _list_page(row.list))
        case BulkHandout():
            return Named(f"{row.file_name} for {row.list.name}", _list_page(row.list))
        case Cancellation():
            return Named(cancelled_codes(row), reverse("cancellation", args=[row.public_id]))
        case Export():
            return Named(f"{row.list.name}, .{row.format}", _list_page(row.list))


def _list_page(promo_list: PromoList) -> str:
    return reverse("list", args=[promo_list.public_id])


def _codes(values: set[str]) -> dict[str, Named]:
    return {
        state.value: Named(state.shown, code_address.page_of(state.shown))
        for state in codes.known(values)
    }


def _customer(customer: str) -> Named:
    return Named(customer, reverse("customer", args=[customer]))
