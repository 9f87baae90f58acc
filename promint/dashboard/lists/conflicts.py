"""What somebody else has changed in a list since a form was shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from promint.core import lists
from promint.core.models import PromoList
from promint.dashboard.page import formats, names_of, which_of

INPUTS = {  # core's names → the fields of the form
    "name": ("name",),
    "ends_at": ("end_date", "end_time", "end_which"),
    "entry_cap": ("cap",),
}
LABELS = {"name": "Name", "ends_at": "Expiration", "entry_cap": "Entry cap"}


@dataclass(frozen=True)
class Conflict:
    """`field` is core's name; `mine` and `theirs` are texts for people."""

    field: str
    mine: str
    theirs: str
    by: str
    at: datetime | None

    @property
    def label(self) -> str:
        return LABELS[self.field]


def shown_at_first(promo_list: PromoList) -> dict[str, Any]:
    """What the form shows before anything is typed, as texts. Times are in the list's zone."""
    ends = timezone.localtime(promo_list.ends_at)
    cap = promo_list.counter.entry_cap
    return {
        "name": promo_list.name,
        "end_date": f"{ends:%Y-%m-%d}",
        "end_time": f"{ends:%H:%M}",
        "end_which": which_of(ends),
        "cap": "" if cap is None else str(cap),
    }


def of(promo_list: PromoList, typed: Mapping[str, Any], changes: dict[str, Any]) -> list[Conflict]:
    """`typed`: the form as it was sent, with what it showed at first. `changes`: what is to be
    saved. If both people chose the same value, there is no conflict."""
    now = shown_at_first(promo_list)
    return [
        _conflict(promo_list, field, typed, now)
        for field in changes
        if any(typed.get(f"initial-{name}", now[name]) != now[name] for name in INPUTS[field])
        and any(typed.get(name, "") != now[name] for name in INPUTS[field])
    ]


def _conflict(
    promo_list: PromoList, field: str, typed: Mapping[str, Any], now: dict[str, Any]
) -> Conflict:
    edit = lists.last_change(promo_list.public_id, field)
    return Conflict(
        field,
        mine=_text(field, typed),
        theirs=_text(field, now),
        by=names_of([edit.actor])[edit.actor] if edit else "Somebody",
        at=edit.created_at if edit else None,
    )


def _text(field: str, values: Mapping[str, Any]) -> str:
    told = " ".join(filter(None, (values.get(name, "") for name in INPUTS[field][:2])))
    if field == "entry_cap" and told.isdecimal():
        return formats.number(int(told))
    return told or "no cap"


def settle(data: QueryDict, promo_list: PromoList) -> QueryDict:
    """The form after a person chose `keep` or `take` for a field. In both cases, what the form
    showed at first is now the list's present value."""
    kept, taken = data.get("keep", ""), data.get("take", "")
    settled, now = data.copy(), shown_at_first(promo_list)
    for name in INPUTS.get(kept or taken, ()):
        settled[f"initial-{name}"] = now[name]
        if taken:
            settled[name] = now[name]
    return settled
