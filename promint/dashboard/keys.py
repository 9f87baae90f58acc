"""API keys: created and shown once, listed, revoked."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from promint.accounts import keys
from promint.accounts.models import ApiKey
from promint.accounts.roles import Permission, Scope
from promint.core.claiming import callers
from promint.core.rules import Refused, limits
from promint.core.storage import database_now
from promint.dashboard.page import (
    Paging,
    StaffRequest,
    Text,
    add_refusal,
    made_once,
    names_of,
    needs,
    text_input,
)

PER_PAGE = 50
_MADE_BEFORE = (
    "This form made its key already, and a key is shown once. If it was lost, revoke it and create"
    " another."
)
MAY = {
    Scope.CLAIM: "Claims and validates codes, and reads customers.",
    Scope.MANAGE: "Creates lists and codes, exports and cancels them, and all the rest.",
}


class KeyForm(forms.Form):
    name = Text(
        max_length=limits.NAME_CHARACTERS,
        widget=text_input(autocomplete="off", autofocus=True),
        help_text="What will use it: the tills, the web shop.",
        error_messages={"required": "Name what will use the key."},
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, scope.value.capitalize()) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose claim, manage or both."},
    )


@needs(Permission.ADMINISTER)
def index(request: HttpRequest) -> HttpResponse:
    return _page(request)


@needs(Permission.ADMINISTER)
def create(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, dialog="keys/create.html", form=KeyForm())
    form = KeyForm(request.POST)
    if form.is_valid():
        scopes = [Scope(scope) for scope in form.cleaned_data["scopes"]]
        name, actor = form.cleaned_data["name"], request.user.actor
        try:
            made = made_once(request, lambda: keys.create(name, scopes, actor))
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            if made is not None:
                row, key = made
                return _page(request, dialog="keys/created.html", created=row, key=key)
            messages.info(request, _MADE_BEFORE)
            return redirect("keys")
    return _page(request, 422, dialog="keys/create.html", form=form)


@needs(Permission.ADMINISTER)
def revoke(request: StaffRequest, key_id: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, dialog="keys/revoke.html", doomed=keys.by_public_id(key_id))
    row = keys.revoke(key_id, request.user.actor)
    messages.success(request, f"{row.name} is revoked.")
    return redirect("keys")


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    found = ApiKey.objects.order_by(F("revoked_at").asc(nulls_first=True), "name", "id")
    paging = Paging(request.GET.get("page", ""), found.count(), PER_PAGE)
    shown = list(found[paging.start : paging.stop])
    names = names_of(row.created_by for row in shown)
    form = more.get("form")
    context = {
        "section": "keys",
        "rows": [(row, names[row.created_by]) for row in shown],
        "paging": paging,
        **_suspicious(),
        "scopes": [
            (scope, words, form is not None and scope in (form["scopes"].value() or []))
            for scope, words in MAY.items()
        ],
        **more,
    }
    return render(request, "keys/index.html", context, status=status)


def _suspicious() -> dict[str, list[ApiKey]]:
    """Keys that may be used for guessing, of those not revoked: keys for which most codes of the
    last day were unknown, and others that sent more unknown codes in an hour than they usually
    do."""
    mostly, unusually = callers.guessing(database_now())
    others = [owner for owner in unusually if owner not in mostly]
    return {"suspicious": keys.in_use(mostly), "unusual": keys.in_use(others)}
