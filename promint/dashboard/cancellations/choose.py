"""Choosing the codes that are cancelled together. The page says what is at stake, and asks why."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core import lists, uploads
from promint.core.codes import cancellations, stake
from promint.core.models import Batch, PromoList
from promint.core.rules import BatchStatus, Refused, limits
from promint.dashboard.batches import file_field, pasted_field
from promint.dashboard.batches import upload as sending
from promint.dashboard.cancellations import wording
from promint.dashboard.lists import ListState, in_zone_of
from promint.dashboard.page import (
    StaffRequest,
    Text,
    add_refusal,
    needs,
    sent_once,
    text_input,
)

PASTED = "pasted-codes.txt"
BATCHES_SHOWN = 500  # to choose from
HANDED_OUT = {"yes": True, "no": False}


class ReasonForm(forms.Form):
    reason = Text(
        max_length=limits.REASON_CHARACTERS,
        widget=text_input(autocomplete="off", placeholder="Leaked by the printer"),
        help_text="It is kept with the cancellation and in the history of each code.",
        error_messages={"required": "Say why the codes are cancelled."},
    )


class NamesForm(forms.Form):
    file = file_field("File with codes")
    codes = pasted_field("Or paste codes")
    column = Text(
        label="Column",
        required=False,
        max_length=200,
        widget=text_input(autocomplete="off"),
        help_text="Its header, or its number from 1, if the file has several.",
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not self.errors and typed.get("file") is None and not typed.get("codes", "").strip():
            raise forms.ValidationError({"file": "Choose a file, or paste codes."})
        return typed

    def sent(self) -> tuple[str, Iterable[bytes]]:
        """The name and the content of the file."""
        if (file := self.cleaned_data["file"]) is not None:
            return file.name or "", file.chunks()
        return PASTED, [self.cleaned_data["codes"].encode()]


@needs(Permission.MANAGE)
def choose(request: StaffRequest) -> HttpResponse:
    """The page for codes of the list in the URL, or for codes by name."""
    if "list" in request.GET:
        promo_list = lists.find(request.GET["list"])
        with in_zone_of(promo_list):
            return _of_list(request, promo_list)
    if request.method == "POST" and "named" in request.POST:
        return _confirm(request, {"typed": request.POST["named"].split()}, {})
    return _by_name(request)


def _of_list(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    of_list = Batch.objects.filter(list=promo_list, status=BatchStatus.ACTIVE)
    batches = list(of_list.order_by("-number")[:BATCHES_SHOWN])
    wanted = {batch.public_id: batch for batch in batches}.get(request.GET.get("batch", ""))
    handed_out = request.GET.get("handed_out", "")
    context = {
        "section": "lists",
        "list": promo_list,
        "state": ListState.read(promo_list),
        "batches": batches,
        "wanted": wanted,
        "handed_out": handed_out,
    }
    chosen: dict[str, Any] = {"handed_out": HANDED_OUT.get(handed_out)}
    if wanted is None:
        chosen["list_id"] = promo_list.public_id
    else:
        chosen["batch_id"] = wanted.public_id
    return _confirm(request, chosen, context)


def _confirm(
    request: StaffRequest, chosen: dict[str, Any], context: dict[str, Any]
) -> HttpResponse:
    """Show what is at stake. When the reason is sent, the cancellation begins."""
    form = ReasonForm()
    if request.method == "POST" and "reason" in request.POST:
        form = ReasonForm(request.POST)
        if form.is_valid() and (page := _asked(request, form, chosen)):
            return redirect(page)
    return _shown(request, cancellations.preview(**chosen), chosen, {**context, "form": form})


def _asked(request: StaffRequest, form: ReasonForm, chosen: dict[str, Any]) -> str | None:
    """The URL of the new cancellation; None if it is refused."""
    reason, actor = form.cleaned_data["reason"], request.user.actor

    def make() -> str:
        asked = cancellations.request(reason, actor, **chosen)
        return reverse("cancellation", args=[asked.public_id])

    try:
        return sent_once(request, make)[0]
    except Refused as refused:
        add_refusal(form, refused, {})
        return None


def _shown(
    request: StaffRequest,
    found: stake.Preview,
    chosen: dict[str, Any],
    context: dict[str, Any],
) -> HttpResponse:
    context = {
        "section": "codes",
        "preview": found,
        "number": wording.number(found.codes, found.codes_are),
        "left": wording.left(found.left),
        "named": " ".join(chosen.get("typed", [])),
        **context,
    }
    page = "cancellations/of_list.html" if "list" in context else "cancellations/by_name.html"
    return render(request, page, context, status=422 if context["form"].errors else 200)


def _by_name(request: StaffRequest) -> HttpResponse:
    form = NamesForm()
    if request.method == "POST":
        form = NamesForm(request.POST, request.FILES)
        if sending.was_too_large(request):
            form.errors.pop("file", None)
            form.add_error("file", uploads.too_large())
        elif form.is_valid() and (read := _read(form)):
            more = {"form": ReasonForm(), "other_rows": read.other_rows}
            chosen = {"typed": read.values}
            return _shown(request, cancellations.preview(typed=read.values), chosen, more)
    context = {"section": "codes", "names": form}
    status = 422 if form.errors else 200
    return render(request, "cancellations/by_name.html", context, status=status)


def _read(form: NamesForm) -> uploads.Named | None:
    try:
        return uploads.named_codes(*form.sent(), form.cleaned_data["column"])
    except Refused as refused:
        add_refusal(form, refused, {"sheet": "file"})
        return None
