"""Administer codes: a search for one code, its page, and its cancellation."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from promint.accounts.roles import Permission
from promint.core import codes, lists
from promint.core.claiming import code_life
from promint.core.codes import CodeState, cancellations
from promint.core.rules import Refusal, Refused, Verdict, codewords, limits
from promint.dashboard.codes import address, claimable, several
from promint.dashboard.lists import ListState
from promint.dashboard.page import (
    WHY,
    StaffRequest,
    Text,
    add_refusal,
    customer_reads,
    in_full,
    names_of,
    needs,
    text_input,
)


class CancelForm(forms.Form):
    reason = Text(
        required=False,
        max_length=limits.REASON_CHARACTERS,
        widget=text_input(autocomplete="off", placeholder="Card lost in the post"),
    )


@needs(Permission.READ)
def search(request: StaffRequest) -> HttpResponse:
    """A search is sent by POST and leads to a URL in which the code is encrypted."""
    if "codes" in request.POST:
        return several.found(request, request.POST["codes"])
    typed = several.without_quotes(request.POST.get("code", ""))
    if pasted := several.in_one_line(typed):
        return several.found(request, "\n".join(pasted))
    if len(typed) > limits.TYPED_CODE_CHARACTERS:  # no address can hold it
        return page(request, typed, 422)
    if typed:
        return redirect(address.page_of(typed))
    missing = request.method == "POST"
    context = {"section": "codes", "missing": missing}
    return render(request, "codes/search.html", context, status=422 if missing else 200)


@needs(Permission.READ)
def details(request: HttpRequest, sealed_code: str) -> HttpResponse:
    return page(request, address.opened(sealed_code))


@needs(Permission.SERVE)
def cancel(request: StaffRequest, sealed_code: str) -> HttpResponse:
    """The dialog over the code's page, and the cancellation that it asks for."""
    typed = address.opened(sealed_code)
    if request.method != "POST":
        return page(request, typed, cancel_form=CancelForm())
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            codes.cancel(typed, form.cleaned_data["reason"], request.user.actor)
        except Refused as refused:
            if refused.refusal is not Refusal.INVALID_REQUEST:
                return page(request, typed, 409, refused=refused)
            add_refusal(form, refused, {})
        else:
            messages.success(request, "The code is cancelled.")
            return redirect(address.page_of(typed))
    return page(request, typed, 422, cancel_form=form)


def page(request: HttpRequest, typed: str, status: int = 200, **more: Any) -> HttpResponse:
    """The code's page. `more`: what a dialog over it needs."""
    context = {"section": "codes", "typed": typed, "address": address.page_of(typed), **more}
    try:
        code = codes.find(typed)
    except Refused:
        context["why_unknown"] = _why_unknown(typed)
        return render(request, "codes/unknown.html", context, status=status)
    state = ListState.read(lists.find(code.facts.public_id))
    context |= {
        "code": code,
        "state": state,
        "ends_at": claimable.end_of(code, state),
        "why_not": claimable.why_not(code, state),
        "gains": _gains(code),
        "claim_address": address.claiming(typed),
    }
    if not code.facts.single_use:
        return render(request, "codes/multi_use.html", context, status=status)
    context |= {
        "cancel_address": address.cancelling(typed),
        "life": _life(code),
        **_undoing(code),
        "cancelled_message": customer_reads(Verdict.CODE_CANCELLED, code.facts.customer_messages),
    }
    return render(request, "codes/details.html", context, status=status)


def _gains(code: CodeState) -> str:
    """What the code's claim issued, or what a claim would issue now."""
    facts, claim = code.facts, code.claim
    return in_full(facts.outcomes if claim is None else facts.outcomes_at(claim.claimed_at))


def _undoing(code: CodeState) -> dict[str, Any]:
    """How a code that was cancelled with others can become available again."""
    cancellation = cancellations.undoable_of(code.value) if code.status == "cancelled" else None
    if cancellation is None:
        return {}
    return {"undoable": cancellation, "undo_until": cancellations.undo_until(cancellation)}


def _life(code: CodeState) -> list[dict[str, Any]]:
    """The steps of a code's history, with the names of people and the reasons of refusals."""
    steps = code_life.steps_of(code)
    names = names_of(step.actor for step in steps if step.actor)
    return [
        {
            "step": step,
            "by": names.get(step.actor, ""),
            "why": WHY[step.verdict] if step.verdict else "",
        }
        for step in steps
    ]


def _why_unknown(typed: str) -> str:
    """Why a code is unknown, as far as the code itself shows it: impossible, short, mistyped or
    fits."""
    value = codewords.canonical(typed)
    if value is None:
        return "impossible"
    if len(value) < limits.GENERATED_CHARACTERS[0]:
        return "short"
    return "mistyped" if codewords.looks_mistyped(value) else "fits"
