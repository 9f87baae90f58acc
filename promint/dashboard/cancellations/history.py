"""The page of all cancellations in bulk, and that of one with its progress, its undo, and the
decision of a second person."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from promint.accounts.roles import Permission
from promint.core.codes import cancellations
from promint.core.models import Cancellation
from promint.core.rules import Refused
from promint.core.storage import database_now
from promint.dashboard.cancellations import wording
from promint.dashboard.page import Paging, StaffRequest, names_of, needs

PER_PAGE = 25


@needs(Permission.MANAGE)
def index(request: StaffRequest) -> HttpResponse:
    found = cancellations.existing()
    paging = Paging(request.GET.get("page", ""), found.count(), PER_PAGE)
    shown = list(found[paging.start : paging.stop])
    names = names_of(one.created_by for one in shown)
    rows = [
        {
            "one": one,
            "what": wording.cancelled_codes(one),
            "state": wording.state(one),
            "by": names[one.created_by],
        }
        for one in shown
    ]
    context = {"section": "codes", "rows": rows, "paging": paging}
    return render(request, "cancellations/index.html", context)


@needs(Permission.MANAGE)
def details(request: StaffRequest, cancellation_id: str) -> HttpResponse:
    """The page of one cancellation. HTMX asks repeatedly for the part that changes."""
    one = cancellations.find(cancellation_id)
    if request.htmx and request.GET.get("seen") == wording.state(one):
        return HttpResponse(status=204)  # the page is left alone, with its focus
    page = "cancellations/state.html" if request.htmx else "cancellations/details.html"
    return _page(request, one, page)


def _page(
    request: StaffRequest,
    one: Cancellation,
    page: str = "cancellations/details.html",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    names = names_of(actor for actor in (one.created_by, one.decided_by, one.undo_by) if actor)
    context = {
        "section": "codes",
        "one": one,
        "what": wording.cancelled_codes(one),
        "state": wording.state(one),
        "expected": wording.number(one.expected, one.expected_is),
        "left": wording.left(one.left),
        "by": names[one.created_by],
        "decided_by": names.get(one.decided_by),
        "undo_by": names.get(one.undo_by),
        "own": one.created_by == request.user.actor,
        "may_be_undone": cancellations.may_be_undone(one, database_now()),
        "undo_until": cancellations.undo_until(one),
        **more,
    }
    if context["state"] == "waiting":
        context |= _at_stake(one)
    return render(request, page, context, status=status)


def _at_stake(one: Cancellation) -> dict[str, Any]:
    """What the second person decides about, as it is now."""
    found = cancellations.preview_again(one)
    number = wording.number(found.codes, found.codes_are)
    return {"preview": found, "number": number, "left": wording.left(found.left)}


@needs(Permission.MANAGE)
def undo(request: StaffRequest, cancellation_id: str) -> HttpResponse:
    """The undo: a dialog over its page, which first says what happens."""
    one = cancellations.find(cancellation_id)
    if request.method != "POST":
        return _page(request, one, dialog="cancellations/undo.html")
    try:
        cancellations.undo(cancellation_id, request.user.actor)
    except Refused as refused:
        return _page(request, one, status=409, dialog="cancellations/undo.html", why=refused.detail)
    return redirect("cancellation", cancellation_id)


@needs(Permission.MANAGE)
def decide(request: StaffRequest, cancellation_id: str) -> HttpResponse:
    """The second person's decision."""
    if request.POST.get("decision") == "confirm":
        try:
            one = cancellations.confirm(cancellation_id, request.user.actor)
        except Refused as refused:
            messages.error(request, " ".join(refused.fields.values()) or refused.detail)
        else:
            _tell_if_late(request, one, one.status != "declined")
    elif request.POST.get("decision") == "decline":
        one = cancellations.decline(cancellation_id, request.user.actor)
        _tell_if_late(request, one, one.status == "declined")
    return redirect("cancellation", cancellation_id)


def _tell_if_late(request: StaffRequest, one: Cancellation, as_wanted: bool) -> None:
    """Says so if somebody else had decided before."""
    if not as_wanted:
        done = "confirmed" if one.status != "declined" else wording.state(one)
        messages.warning(request, f"It was {done} before you decided, and that stays so.")
