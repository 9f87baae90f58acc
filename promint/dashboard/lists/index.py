"""The page of all promo code lists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from promint.accounts.roles import Permission
from promint.core import codes, lists
from promint.core.codes import cancellations
from promint.core.lists import Outcomes, facts_of
from promint.core.models import PromoList
from promint.core.rules import ListStatus, ListType, Warned, codewords, ids, limits
from promint.core.storage import database_now
from promint.dashboard.page import (
    Paging,
    StaffRequest,
    beginning_of,
    day_in,
    end_of,
    formats,
    needs,
    why_backwards,
)

PER_PAGE = 25
LOOKED_THROUGH = 10_000  # lists, to find the page of one of them
COLUMNS = [  # sort, label, class of the cell
    ("status", "Status", ""),
    ("name", "Name", ""),
    ("type", "Type", "mid-hide"),
    ("starts_at", "Start", ""),
    ("ends_at", "End", ""),
    ("claim_count", "Claims", "num"),
    ("entry_cap", "Entry cap", "num mid-hide"),
    ("code_count", "Codes", "num"),
]
FOLDED = {"name": ("type", "Type"), "claim_count": ("entry_cap", "Cap")}  # two columns in one
OUTCOMES = {"points": "Gives points", "offers": "Gives an offer", "tags": "Gives a tag"}
TABS = (ListStatus.ACTIVE, ListStatus.PENDING, ListStatus.COMPLETED)
SORT_CHOICES = {  # for narrow pages, which have no column heads to click
    "-starts_at": "Newest start",
    "starts_at": "Oldest start",
    "name": "Name",
    "type": "Type",
    "status": "Status",
    "ends_at": "Ending first",
    "-claim_count": "Most claims",
    "-entry_cap": "Highest cap",
    "-code_count": "Most codes",
}


@dataclass(frozen=True)
class ListFilter:
    """The filters in the URL. Values that are not valid are left out."""

    search: str
    status: str
    type: str
    sort: str
    archived: bool = False
    outcome: str = ""
    since: date | None = None  # lists that run on one of these days, in the person's time zone
    until: date | None = None

    @classmethod
    def from_query(cls, query: QueryDict) -> "ListFilter":
        def known(name: str, values: Any, otherwise: str = "") -> str:
            value = query.get(name, "")
            return value if value in values else otherwise

        sorts = [sign + name for name, *_ in COLUMNS for sign in ("", "-")]
        return cls(
            search=query.get("search", "").replace("\0", "")[:200],
            status=known("status", list(ListStatus)),
            type=known("type", list(ListType)),
            sort=known("sort", sorts, lists.DEFAULT_SORT),
            archived=query.get("archived") == "1",
            outcome=known("outcome", lists.OUTCOMES),
            since=day_in(query.get("since", "")),
            until=day_in(query.get("until", "")),
        )

    @property
    def address(self) -> str:
        """The URL of the page with these filters, without default values."""
        asked = {name: int(value) if value is True else value for name, value in vars(self).items()}
        asked = {name: value for name, value in asked.items() if value}
        if self.sort == lists.DEFAULT_SORT:
            del asked["sort"]
        return "/" + (f"?{urlencode(asked)}" if asked else "")

    @property
    def filtered(self) -> bool:
        return bool(self.search or self.status or self.type or self.further != lists.Further())

    @property
    def further(self) -> lists.Further:
        return lists.Further(self.outcome, beginning_of(self.since), end_of(self.until))


@dataclass(frozen=True)
class ListRow:
    list: PromoList
    status: ListStatus
    outcomes: Outcomes
    warnings: Sequence[Warned]

    @property
    def gains(self) -> str:
        """What a claim issues, in a few words."""
        code = self.list.named_code
        return ", ".join([*short_outcomes(self.outcomes), *([f"code {code}"] if code else [])])


def short_outcomes(outcomes: Outcomes) -> list[str]:
    parts = [formats.counted(outcomes.points, "point")] if outcomes.points else []
    if outcomes.offers:
        parts.append(formats.counted(len(outcomes.offers), "offer"))
    if len(outcomes.tags) == 1:
        parts.append(f"tag {outcomes.tags[0]}")
    elif outcomes.tags:
        parts.append(formats.counted(len(outcomes.tags), "tag"))
    return parts


@needs(Permission.READ)
def index(request: StaffRequest) -> HttpResponse:
    wanted = ListFilter.from_query(request.GET)
    now = database_now()
    counts = _Counts.of(wanted, now)
    if not (counts.anything or wanted.archived or wanted.filtered):
        return render(request, "lists/none_yet.html", {"section": "lists"})
    context = _context(request, wanted, counts, now)
    response = render(request, "lists/index.html", context)
    if request.htmx:  # no URL may contain a code
        shown = replace(wanted, search="") if context["may_be_a_code"] else wanted
        response["HX-Replace-Url"] = shown.address
    return response


@dataclass(frozen=True)
class _Counts:
    """How many lists fit the filters, in each tab and in the archive."""

    by_status: dict[ListStatus, int]
    archived: int

    @classmethod
    def of(cls, wanted: ListFilter, now: datetime) -> "_Counts":
        chosen: dict[str, Any] = {
            "text": wanted.search,
            "type": wanted.type,
            "further": wanted.further,
        }
        by_status = lists.status_counts(now, **chosen, archived=wanted.archived)
        return cls(by_status, 0 if wanted.archived else lists.archived_count(**chosen))

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    @property
    def anything(self) -> bool:
        return bool(self.total or self.archived)

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        each = ((s.value, s.value.capitalize(), self.by_status[s]) for s in TABS)
        return [("", "All", self.total), *each]


def _context(
    request: StaffRequest, wanted: ListFilter, counts: _Counts, now: datetime
) -> dict[str, Any]:
    count = counts.by_status[ListStatus(wanted.status)] if wanted.status else counts.total
    found = _found(wanted, now)
    paging = Paging(_page_asked(request, found), count, PER_PAGE)
    return {
        "section": "lists",
        "wanted": wanted,
        "backwards": why_backwards(wanted.since, wanted.until),
        "tabs": counts.tabs,
        "types": list(ListType),
        "outcomes": OUTCOMES,
        "columns": _columns(wanted),
        "sort_choices": _sort_choices(wanted.sort),
        "rows": _rows(found, now, paging),
        "paging": paging,
        "archived": counts.archived,
        "still": lists.still_claimable(now),
        "may_be_a_code": not counts.anything and _may_be_a_code(wanted.search),
        "to_confirm": _to_confirm(request),
    }


def _to_confirm(request: StaffRequest) -> int:
    """How many cancellations in bulk wait for this person's word."""
    if not request.user.may(Permission.MANAGE):
        return 0
    return cancellations.to_confirm(request.user.actor)


def _may_be_a_code(text: str) -> bool:
    """Whether the text is a code that exists, or has the length of a generated one and a digit."""
    value = codewords.canonical(text)
    if value is None:
        return False
    generated = len(value) >= limits.GENERATED_CHARACTERS[0] and any(map(str.isdigit, value))
    return generated or codes.exists(text)


def _found(wanted: ListFilter, now: datetime) -> QuerySet[PromoList]:
    return lists.search(
        now,
        text=wanted.search,
        type=wanted.type,
        status=wanted.status,
        sort=wanted.sort,
        archived=wanted.archived,
        further=wanted.further,
    )


def _page_asked(request: StaffRequest, found: QuerySet[PromoList]) -> str:
    """The number of the page that is asked for, or of the page with the list whose id is given."""
    page = request.GET.get("page", "")
    at = ids.key_of(PromoList.PREFIX, request.GET.get("at", ""))
    if page or at is None:
        return page
    keys = list(found.values_list("id", flat=True)[:LOOKED_THROUGH])
    return str(keys.index(at) // PER_PAGE + 1) if at in keys else ""


def _rows(found: QuerySet[PromoList], now: datetime, paging: Paging) -> list[ListRow]:
    shown = list(found[paging.start : paging.stop])
    facts = facts_of(one.id for one in shown)
    warnings = lists.warnings_about(shown, now)
    return [
        ListRow(one, one.status(now), facts[one.id].outcomes, warnings[one.id]) for one in shown
    ]


def _columns(wanted: ListFilter) -> list[dict[str, Any]]:
    folded = {name: _column(wanted, *other, "") for name, other in FOLDED.items()}
    return [{**_column(wanted, name, *rest), "folded": folded.get(name)} for name, *rest in COLUMNS]


def _column(wanted: ListFilter, name: str, label: str, cell: str) -> dict[str, str]:
    """`next`: the sort order after a click on the head. `order`: the present one."""
    up = wanted.sort == name
    down = wanted.sort == f"-{name}"
    first = name if name in ("name", "type", "status", "ends_at") else f"-{name}"
    turned = name if down else f"-{name}"
    return {
        "label": label,
        "cell": cell,
        "next": turned if up or down else first,
        "order": "ascending" if up else "descending" if down else "",
    }


def _sort_choices(chosen: str) -> dict[str, str]:
    if chosen in SORT_CHOICES:
        return SORT_CHOICES
    label = {name: label for name, label, _ in COLUMNS}[chosen.removeprefix("-")]
    return {chosen: f"{label}, {'down' if chosen.startswith('-') else 'up'}"} | SORT_CHOICES
