"""Finds lists: by text, type, status, outcome and date, in any order."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import OrderBy

from promint.core.models import Code, ListOffer, PromoList
from promint.core.rules import ListStatus, codewords

SORTS = {
    "name": "search_text",
    "type": "type",
    "status": "status_order",
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "claim_count": "counter__claims",
    "entry_cap": "counter__entry_cap",
    "code_count": "counter__codes",
    "created_at": "created_at",
}
DEFAULT_SORT = "-starts_at"
_GIVES = {
    "points": Q(points__gt=0),
    "offers": Exists(ListOffer.objects.filter(list=OuterRef("pk"))),
    "tags": ~Q(tags=[]),
}
OUTCOMES = tuple(_GIVES)


@dataclass(frozen=True)
class Further:
    """Further filters. An empty field leaves no list out. `outcome`: one of OUTCOMES. `since` and
    `until`: only lists that run at some moment in `[since, until)`."""

    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


ANY = Further()


def search(
    now: datetime,
    *,
    text: str = "",
    type: str = "",
    status: str = "",
    sort: str = "",
    archived: bool = False,
    further: Further = ANY,
) -> QuerySet[PromoList]:
    """Lists with their counters, either all that are archived or all others. `sort` is a name in
    SORTS, with "-" for descending."""
    found = _matching(text, type, archived, further).select_related("counter")
    if status:
        found = found.filter(_has_status(ListStatus(status), now))
    order = _order(sort or DEFAULT_SORT)
    if "status" in sort:
        found = found.annotate(status_order=_status_order(now))
    return found.order_by(order, "-created_at", "id")


def status_counts(
    now: datetime,
    *,
    text: str = "",
    type: str = "",
    archived: bool = False,
    further: Further = ANY,
) -> dict[ListStatus, int]:
    """How many of the lists that match have each status."""
    counts = {status.value: Count("id", filter=_has_status(status, now)) for status in ListStatus}
    found = _matching(text, type, archived, further).aggregate(**counts)
    return {status: found[status.value] for status in ListStatus}


def archived_count(*, text: str = "", type: str = "", further: Further = ANY) -> int:
    """How many of the lists that match are archived."""
    return _matching(text, type, True, further).count()


def _matching(text: str, type: str, archived: bool, further: Further) -> QuerySet[PromoList]:
    found = _with(further, PromoList.objects.filter(archived_at__isnull=not archived))
    if text.strip():
        named = Code.objects.filter(value=codewords.canonical(text) or "", batch=None)
        found = found.filter(
            Q(search_text__contains=text.strip().casefold()) | Q(id__in=named.values("list"))
        )
    return found.filter(type=type) if type else found


def _with(further: Further, found: QuerySet[PromoList]) -> QuerySet[PromoList]:
    if further.outcome:
        found = found.filter(_GIVES[further.outcome])
    if further.since is not None:
        found = found.filter(ends_at__gt=further.since)
    if further.until is not None:
        found = found.filter(starts_at__lt=further.until)
    return found


def _has_status(status: ListStatus, now: datetime) -> Q:
    completed = Q(ends_at__lte=now) | Q(counter__claims__gte=F("counter__entry_cap"))
    if status is ListStatus.COMPLETED:
        return completed
    started = Q(starts_at__lte=now) if status is ListStatus.ACTIVE else Q(starts_at__gt=now)
    # The cap is null for uncapped lists, and a negated comparison with null would lose them.
    uncapped = Q(counter__entry_cap__isnull=True) | Q(counter__claims__lt=F("counter__entry_cap"))
    return started & Q(ends_at__gt=now) & uncapped


def _status_order(now: datetime) -> Case:
    return Case(
        When(_has_status(ListStatus.ACTIVE, now), then=Value(0)),
        When(_has_status(ListStatus.PENDING, now), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


def _order(sort: str) -> OrderBy:
    """Lists without a cap come after the highest cap."""
    column = F(SORTS[sort.removeprefix("-")])
    return column.desc(nulls_first=True) if sort.startswith("-") else column.asc(nulls_last=True)
