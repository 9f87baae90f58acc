"""Customers: found by their id, and everything that Promint knows about one of them."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.accounts.roles import Permission
from promint.core import customers, lists
from promint.core.claiming import guessing
from promint.core.codes import HandoutState, handouts
from promint.core.customers import Entry, ledger
from promint.core.rules import checks
from promint.core.storage import database_now
from promint.dashboard.codes import address as code_address
from promint.dashboard.customers import attempts
from promint.dashboard.page import StaffRequest, needs

LOCKED_OUT_SHOWN = 50
FOUND_SHOWN = 20
RECENT_SHOWN = 10
ENTRIES_SHOWN = 8  # of the ledger
ATTEMPTS_SHOWN = 10
OFFERS_SHOWN = 12
HANDOUTS_SHOWN = 10
TAGS_SHOWN = 50
LATELY = timedelta(days=30)


@needs(Permission.READ)
def search(request: HttpRequest) -> HttpResponse:
    customer = request.GET.get("customer", "").strip()
    problem = checks.customer(customer) if customer else None
    is_asked = bool(customer) and not problem
    result = customers.find(customer, FOUND_SHOWN + 1) if is_asked else customers.Found([])
    found = result.customers
    is_known = is_asked and customers.exists(customer)
    if is_known and all(one.id == customer for one in found):
        return redirect("customer", customer)
    context = {
        "section": "customers",
        "typed": customer,
        "problem": problem,
        "found": found[:FOUND_SHOWN],
        "more": len(found) > FOUND_SHOWN,
        "is_known": is_known,
        "searched_inside": result.searched,
        "recent": [] if customer else customers.latest(RECENT_SHOWN),
        "locked_out": guessing.locked_out(LOCKED_OUT_SHOWN),
    }
    return render(request, "customers/search.html", context, status=422 if problem else 200)


@needs(Permission.READ)
def profile(request: HttpRequest, customer: str) -> HttpResponse:
    return page(request, customer)


@needs(Permission.READ)
def by_id(request: HttpRequest, customer: str) -> HttpResponse:
    """The page of any possible id, because a shop may know customers who never claimed."""
    if checks.customer(customer):
        raise Http404("This cannot be a customer's id.")
    return redirect("customer", customer)


def page(request: HttpRequest, customer: str, status: int = 200, **more: Any) -> HttpResponse:
    """The customer's page. `more`: what a dialog over it needs."""
    claims = customers.claims_of(customer, None, ATTEMPTS_SHOWN)
    refusals = customers.newest_refusals(customer, ATTEMPTS_SHOWN)
    since = database_now() - LATELY
    context = {
        "section": "customers",
        "customer": customer,
        "counters": customers.counters(customer),
        "last_claim": claims[0].claim.claimed_at if claims else None,
        "attempts": attempts.rows(claims, refusals)[:ATTEMPTS_SHOWN],
        "refused_lately": sum(one.attempt.refused_at > since for one in refusals),
        "refusals": len(refusals),
        "attempts_shown": ATTEMPTS_SHOWN,
        "entries": with_lists(ledger.entries(customer, None, ENTRIES_SHOWN + 1)),
        "entries_shown": ENTRIES_SHOWN,
        "offers": customers.newest_offers(customer, OFFERS_SHOWN + 1),
        "offers_shown": OFFERS_SHOWN,
        "handed_out": _handed_out(customer),
        "tags": customers.newest_tags(customer, TAGS_SHOWN),
        "locked_until": guessing.locked_until(customer),
        **more,
    }
    return render(request, "customers/profile.html", context, status=status)


def _handed_out(customer: str) -> list[tuple[HandoutState, str, str]]:
    """The latest codes that were handed out to the customer, each with its list's name and the
    URL of its page."""
    found = handouts.of_recipient(customer, None, HANDOUTS_SHOWN)
    names = lists.names_of(state.facts.id for state in found)
    return [(one, names[one.facts.id], code_address.page_of(one.shown)) for one in found]


def with_lists(entries: list[Entry]) -> list[tuple[Entry, str]]:
    """Each entry of the ledger with the name of the list to which its code belongs."""
    names = lists.names_of(entry.source.facts.id for entry in entries)
    return [(entry, names[entry.source.facts.id]) for entry in entries]


@needs(Permission.SERVE)
@require_POST
def lift(request: StaffRequest, customer: str) -> HttpResponse:
    lifted = guessing.lift(customer, request.user.actor)
    messages.success(
        request, "The lockout is lifted." if lifted else "The lockout was over already."
    )
    return redirect("customer", customer)
