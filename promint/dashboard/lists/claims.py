"""All claims of a list, page by page: searched by customer, code and day, in the list's zone."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core import customers
from promint.core.claiming import of_list as claims_of_list
from promint.core.models import PromoList
from promint.core.rules import checks, ids, limits
from promint.core.storage import sealed
from promint.dashboard.exports import choices
from promint.dashboard.lists.state import ListState, of_list
from promint.dashboard.page import StaffRequest, beginning_of, day_in, end_of, needs, why_backwards

PER_PAGE = 50
_PURPOSE = "promint.dashboard.lists.claims"


@dataclass(frozen=True)
class Filters:
    """The filters as they were typed. `since` and `until` are days, both included."""

    customer: str
    code: str
    since: date | None
    until: date | None

    @classmethod
    def from_query(cls, given: QueryDict, customer: str, code: str) -> "Filters":
        return cls(
            customer=customer.replace("\0", "").strip()[: limits.CUSTOMER_CHARACTERS],
            code=code.replace("\0", "").strip()[: limits.TYPED_CODE_CHARACTERS],
            since=day_in(given.get("since", "")),
            until=day_in(given.get("until", "")),
        )

    @property
    def any(self) -> bool:
        return self != Filters("", "", None, None)

    def address(self, list_id: str) -> str:
        """Codes and customers are encrypted in it."""
        parts = {
            "customer": self.customer and sealed.seal(_PURPOSE, self.customer),
            "code": self.code and sealed.seal(_PURPOSE, self.code),
            "since": self.since or "",
            "until": self.until or "",
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return reverse("list_claims", args=[list_id]) + (f"?{query}" if query else "")

    def wanted(self, promo_list: PromoList) -> claims_of_list.Wanted:
        return claims_of_list.Wanted(
            promo_list=promo_list,
            customer=self.customer,
            code=self.code,
            since=beginning_of(self.since),
            until=end_of(self.until),
        )


@needs(Permission.READ)
@of_list
def index(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    """A search is sent by POST and leads to a URL in which code and customer are encrypted."""
    if request.method == "POST":
        typed = request.POST
        filters = Filters.from_query(typed, typed.get("customer", ""), typed.get("code", ""))
        return redirect(filters.address(promo_list.public_id))
    filters = Filters.from_query(
        request.GET, _opened(request, "customer"), _opened(request, "code")
    )
    return _page(request, promo_list, filters)


def _opened(request: StaffRequest, name: str) -> str:
    return sealed.unseal(_PURPOSE, request.GET.get(name, "")) or ""


def _page(request: StaffRequest, promo_list: PromoList, filters: Filters) -> HttpResponse:
    state = ListState.read(promo_list)
    before = _cursor(request.GET.get("before", ""))
    found = claims_of_list.page(filters.wanted(promo_list), before, PER_PAGE)
    context = {
        "section": "lists",
        "state": state,
        "list": promo_list,
        "filters": filters,
        "backwards": why_backwards(filters.since, filters.until),
        "claims": found.claims,
        "like_it": None if found.claims or found.next else _like_it(promo_list, filters),
        "formats": choices(state.claims, "claim"),
        "first_page": before is None,
        "next": found.next and f"{found.next[0].astimezone(UTC).isoformat()}~{found.next[1]}",
    }
    return render(request, "lists/claims.html", context)


def _like_it(promo_list: PromoList, filters: Filters) -> tuple[str, str] | None:
    """If nobody has the id: a customer whose id is like it, and the address of their claims."""
    typed = filters.customer
    if not typed or checks.customer(typed) or customers.exists(typed):
        return None
    like = next((one.id for one in customers.find(typed, 1).customers), None)
    return like and (like, replace(filters, customer=like).address(promo_list.public_id))


def _cursor(text: str) -> claims_of_list.Position | None:
    """A time and a claim's id, as `next` writes them, so that no URL contains a code."""
    at, _, claim_id = text.partition("~")
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
    except ValueError:
        return None
    return None if checks.time(moment) or not ids.is_claim(claim_id) else (moment, claim_id)
