"""What somebody else has changed in a list since a form was shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from promint.core.models import PromoList
from promint.dashboard.page import Conflict, conflict, formats, which_of

INPUTS = {  # core's names → the fields of the form
    "name": ("name",),
    "ends_at": ("end_date", "end_time", "end_which"),
    "entry_cap": ("cap",),
}
LABELS = {"name": "Name", "ends_at": "Expiration", "entry_cap": "Entry cap"}


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
    mine, theirs = _text(field, typed), _text(field, now)
    return conflict(
        promo_list.public_id, field, field=field, label=LABELS[field], mine=mine, theirs=theirs
    )


def _text(field: str, values: Mapping[str, Any]) -> str:
    told = " ".join(filter(None, (values.get(name, "") for name in INPUTS[field][:2])))
    if field == "entry_cap" and told.isdecimal():
        return formats.number(int(told))
    return told or "no cap"


def settle(data: QueryDict, promo_list: PromoList) -> QueryDict:
    """The form after a person chose `keep` or `take` for a field. In both cases, what the form
    showed at first is now the list's present value. So it is for what the person did not touch,
    which has its present value."""
    kept, taken = data.get("keep", ""), data.get("take", "")
    settled, now = data.copy(), shown_at_first(promo_list)
    for name in INPUTS.get(kept or taken, ()):
        settled[f"initial-{name}"] = now[name]
        if taken:
            settled[name] = now[name]
    for names in INPUTS.values():
        if f"initial-{names[0]}" in settled and not _touched(settled, names):
            for name in names:
                settled[name] = settled[f"initial-{name}"] = now[name]
    return settled


def _touched(sent: Mapping[str, Any], names: Sequence[str]) -> bool:
    return any(sent.get(name, "") != sent.get(f"initial-{name}", "") for name in names)
