"""All claims, all refusals and the whole points ledger of one customer, page by page."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from promint.accounts.roles import Permission
from promint.core import claiming, customers
from promint.core.customers import ledger
from promint.core.models import Claim
from promint.dashboard.customers import attempts
from promint.dashboard.customers.profile import with_lists
from promint.dashboard.page import needs

PER_PAGE = 50
REFUSALS_SHOWN = 100  # the newest; hardly ever are more of them kept


@needs(Permission.READ)
def claims(request: HttpRequest, customer: str) -> HttpResponse:
    before = _before(request, customer)
    found = customers.claims_of(customer, before, PER_PAGE + 1)
    shown = found[:PER_PAGE]
    context = {
        "attempts": attempts.rows(shown, []),
        "next": shown[-1].claim.id if len(found) > PER_PAGE else None,
    }
    return _page(request, customer, "claims", context)


@needs(Permission.READ)
def points(request: HttpRequest, customer: str) -> HttpResponse:
    before = _entry_before(request, customer)
    found = ledger.entries(customer, before, PER_PAGE + 1)
    shown = found[:PER_PAGE]
    context = {
        "entries": with_lists(shown),
        "next": _address(shown[-1]) if len(found) > PER_PAGE else None,
    }
    return _page(request, customer, "points", context)


@needs(Permission.READ)
def refusals(request: HttpRequest, customer: str) -> HttpResponse:
    found = customers.newest_refusals(customer, REFUSALS_SHOWN)
    return _page(request, customer, "refusals", {"attempts": attempts.rows([], found)})


def _before(request: HttpRequest, customer: str) -> tuple[datetime, str] | None:
    """Where the page begins: after the claim whose id is in the URL."""
    claim_id = request.GET.get("before")
    if not claim_id:
        return None
    claim: Claim = claiming.find_claim(claim_id).claim
    return claim.claimed_at, claim.code_id


def _entry_before(request: HttpRequest, customer: str) -> tuple[datetime, str] | None:
    """The entry after which the page begins. It has the id of its claim in the URL, and an entry
    that took points back has a mark after the id."""
    claim_id, _, mark = request.GET.get("before", "").partition("~")
    if not claim_id:
        return None
    claim: Claim = claiming.find_claim(claim_id).claim
    return (claim.reversed_at if mark and claim.reversed_at else claim.claimed_at), claim.code_id


def _address(entry: ledger.Entry) -> str:
    mark = "~back" if entry.reversal else ""
    return f"{entry.source.claim.id}{mark}"


def _page(
    request: HttpRequest, customer: str, showing: str, context: dict[str, Any]
) -> HttpResponse:
    shared = {
        "section": "customers",
        "customer": customer,
        "counters": customers.counters(customer),
        "showing": showing,
        "first_page": "before" not in request.GET,
    }
    return render(request, "customers/history.html", shared | context)
