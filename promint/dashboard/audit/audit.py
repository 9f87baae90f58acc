"""The audit log: who changed what and when, with filters. The subject of an entry can be a code,
so it is encrypted in the URL."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from promint.accounts import keys, staff
from promint.accounts.models import Staff
from promint.accounts.roles import Permission
from promint.core import audit
from promint.core.rules import codewords
from promint.core.storage import sealed
from promint.dashboard.audit import entries as audit_entries
from promint.dashboard.audit.words import ACTIONS
from promint.dashboard.page import beginning_of, day_in, end_of, needs, why_backwards

PER_PAGE = 50
PEOPLE_OFFERED = 200
_PURPOSE = "promint.dashboard.audit.audit"


@dataclass(frozen=True)
class Filters:
    """The filters as they were typed. `since` and `until` are days, both included."""

    who: str
    action: str
    about: str
    since: date | None
    until: date | None

    @classmethod
    def from_query(cls, given: QueryDict, about: str) -> "Filters":
        action = given.get("action", "")
        return cls(
            who=given.get("who", "").replace("\0", "").strip()[:300],
            action=action if action in ACTIONS else "",
            about=about.replace("\0", "").strip()[:300],
            since=day_in(given.get("since", "")),
            until=day_in(given.get("until", "")),
        )

    def wanted(self) -> audit.EntryFilter:
        return audit.EntryFilter(
            actors=_spellings(
                self.who,
                f"staff:{self.who.lower()}",
                f"key:{self.who}",
                *(f"key:{key}" for key in keys.of_name(self.who)),
                *(staff.actors_of_name(self.who) if self.who else ()),
            ),
            action=self.action,
            subjects=_spellings(
                self.about,
                self.about.lower(),
                codewords.canonical(self.about),
                *(audit.ids_of_name(self.about) if self.about else ()),
            ),
            since=beginning_of(self.since),
            until=end_of(self.until),
        )

    @property
    def any(self) -> bool:
        return self != Filters("", "", "", None, None)

    def address(self) -> str:
        parts = {
            "who": self.who,
            "action": self.action,
            "about": self.about and sealed.seal(_PURPOSE, self.about),
            "since": self.since or "",
            "until": self.until or "",
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return reverse("audit") + (f"?{query}" if query else "")


def _spellings(typed: str, *others: str | None) -> frozenset[str]:
    return frozenset(text for text in (typed, *others) if text) if typed else frozenset()


@needs(Permission.ADMINISTER)
def index(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return redirect(Filters.from_query(request.POST, request.POST.get("about", "")).address())
    about = sealed.unseal(_PURPOSE, request.GET.get("about", "")) or ""
    return _page(request, Filters.from_query(request.GET, about))


def _page(request: HttpRequest, filters: Filters) -> HttpResponse:
    before = request.GET.get("before")
    found = audit.search(filters.wanted(), audit.find(before) if before else None)
    entries = list(found[: PER_PAGE + 1])
    shown = entries[:PER_PAGE]
    context: dict[str, Any] = {
        "section": "audit",
        "filters": filters,
        "backwards": why_backwards(filters.since, filters.until),
        "actions": ACTIONS,
        "people": Staff.objects.order_by("email")[:PEOPLE_OFFERED],
        "rows": audit_entries.rows(shown),
        "first_page": not before,
        "next": shown[-1].public_id if len(entries) > PER_PAGE else None,
    }
    return render(request, "audit/index.html", context)
