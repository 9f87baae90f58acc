"""Choosing the codes that are cancelled together. The page says what is at stake, and asks why.

A file is kept for an hour while a person looks at it; its page has it in the URL, encrypted.
"""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core import lists, uploads
from promint.core.codes import cancellations, stake
from promint.core.models import Batch, PromoList
from promint.core.rules import BatchStatus, Refused, limits
from promint.core.storage import sealed
from promint.dashboard.batches import ReadingForm, UploadForm
from promint.dashboard.batches import check as looking
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

BATCHES_SHOWN = 500  # to choose from
_PURPOSE = "promint.dashboard.cancellations"
HANDED_OUT = {"yes": True, "no": False}


class ReasonForm(forms.Form):
    reason = Text(
        max_length=limits.REASON_CHARACTERS,
        widget=text_input(autocomplete="off", placeholder="Leaked by the printer"),
        help_text="It is kept with the cancellation and in the history of each code.",
        error_messages={"required": "Say why the codes are cancelled."},
    )


@needs(Permission.MANAGE)
def choose(request: StaffRequest) -> HttpResponse:
    """The page for codes of the list in the URL, of the file in it, or to send a file."""
    if "list" in request.GET:
        promo_list = lists.find(request.GET["list"])
        with in_zone_of(promo_list):
            return _of_list(request, promo_list)
    if "file" in request.GET:
        return _of_file(request, request.GET["file"])
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
        **context,
    }
    page = "cancellations/of_list.html" if "list" in context else "cancellations/by_name.html"
    return render(request, page, context, status=422 if context["form"].errors else 200)


def _by_name(request: StaffRequest) -> HttpResponse:
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if (staged := sending.stored(request, form)) is not None:
            return redirect(address_of(staged))
    return _choosing(request, form)


def address_of(staged: uploads.Staged) -> str:
    """The URL of the page that says what a stored file would cancel."""
    token = sealed.seal(_PURPOSE, json.dumps([staged.file.stem, staged.name]))
    return f"{reverse('new_cancellation')}?{urlencode({'file': token})}"


def _choosing(request: StaffRequest, form: UploadForm) -> HttpResponse:
    context = {"section": "codes", "names": form, "most": limits.NAMED_IN_A_FILE}
    status = 422 if form.errors else 200
    return render(request, "cancellations/by_name.html", context, status=status)


def _of_file(request: StaffRequest, token: str) -> HttpResponse:
    """How the file is read, then what is at stake."""
    reading = ReadingForm(request.GET)
    context: dict[str, Any] = {"section": "codes", "reading": reading, "token": token}
    context["holds"] = "codes"  # which exist already, so that none of them is unlike the others
    try:
        staged = uploads.staged(*_opened(token))
        read = _read(staged, reading)
    except Refused as refused:
        return _unusable(request, refused)
    context |= {"look": looking.Look(staged.name, read.found), "other_rows": read.other_rows}
    context["repeated"] = read.repeated
    if not read.values:
        status = 422 if reading.errors else 200
        return render(request, "cancellations/by_name.html", context, status=status)
    most = limits.NAMED_IN_A_FILE
    return _confirm(request, {"typed": read.values, "most": most}, context)


def _read(staged: uploads.Staged, reading: ReadingForm) -> uploads.Named:
    """The file as the form says. If it has no such column or sheet, as nobody said anything."""
    try:
        return uploads.named_codes(staged, reading.wishes())
    except Refused as refused:
        if not {"column", "sheet"} & refused.fields.keys():
            raise
        reading.add_error("column", " ".join(refused.fields.values()))
    read = uploads.named_codes(staged, uploads.Wishes())
    return replace(read, values=[])


def _opened(token: str) -> tuple[str, str]:
    """The stored name of a file and the name it was sent with."""
    text = sealed.unseal(_PURPOSE, token)
    if text is None:
        raise Http404("This address was not made by a page of Promint.")
    stored_as, name = json.loads(text)
    return stored_as, name


def _unusable(request: StaffRequest, refused: Refused) -> HttpResponse:
    """The page on which a file is chosen, with what is wrong with this one."""
    form = UploadForm({})
    form.errors.clear()  # the error that nothing was chosen
    form.add_error("file", refused.fields.get("file", refused.detail))
    return _choosing(request, form)
