"""Handing out to everyone in a file: choose it, see how it is read, start, and fetch the codes."""

from collections.abc import Iterable

from django import forms
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core import bulk_handouts, events, uploads
from promint.core.models import BulkHandout, PromoList
from promint.core.rules import BatchStatus, ListStatus, Refused, codewords
from promint.core.uploads import Staged
from promint.dashboard.batches import REJECTED, FileForm, ReadingForm, file_field, pasted_field
from promint.dashboard.batches import check as looking
from promint.dashboard.batches import upload as sending
from promint.dashboard.handouts.handouts import check_type
from promint.dashboard.lists import ListState, in_zone_of, of_list
from promint.dashboard.page import StaffRequest, add_refusal, formats, needs, sent_once

HOLDS = "recipients"
LEFT_OUT = REJECTED | {  # core's reasons, as words that follow a number of rows
    "no_codes_left": "left without a code, since none was left",
    "list_completed": "left without a code, since the list was completed",
    "code_not_active": "left without a code, since the list has not started",
}


class RecipientsForm(FileForm):
    box = "recipients"
    file = file_field("File with recipients")
    recipients = pasted_field("Or paste recipients")

    def clean_recipients(self) -> str:
        """The reader of files would take recipients side by side for columns."""
        pasted = str(self.cleaned_data["recipients"])
        return pasted if "\n" in pasted.strip() else codewords.BETWEEN.sub("\n", pasted)


@needs(Permission.MANAGE)
@of_list
def choose(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    check_type(promo_list)
    form = RecipientsForm()
    if request.method == "POST":
        form = RecipientsForm(request.POST, request.FILES)
        if (staged := sending.stored(request, form)) is not None:
            token = sending.token_of(promo_list, staged)
            return redirect("check_recipients", promo_list.public_id, token)
    return _choosing(request, promo_list, form)


def _choosing(request: StaffRequest, promo_list: PromoList, form: RecipientsForm) -> HttpResponse:
    state = ListState.read(promo_list)
    context = {"section": "lists", "list": promo_list, "state": state, "form": form}
    return render(request, "handouts/choose.html", context)


@needs(Permission.MANAGE)
@of_list
def check(request: StaffRequest, promo_list: PromoList, token: str) -> HttpResponse:
    """How the file is read. When the form is sent, handing out begins."""
    check_type(promo_list)
    reading, form = ReadingForm(request.GET), forms.Form()
    state = ListState.read(promo_list)
    context = {"section": "lists", "list": promo_list, "state": state, "holds": HOLDS}
    context |= {"reading": reading, "early": state.status is ListStatus.PENDING}
    try:
        staged = uploads.staged(*sending.opened(promo_list, token))
        if request.method == "POST":
            form = forms.Form(request.POST)
            form.is_valid()
            if page := _started(request, promo_list, staged, reading, form):
                return redirect(page)
        found = bulk_handouts.preview_staged(staged, reading.wishes())
        look = looking.Look(staged.name, found, HOLDS)
        context |= {"look": look, "warnings": _warnings(promo_list, look)}
    except Refused as refused:
        if "column" not in refused.fields and "sheet" not in refused.fields:
            return _unusable(request, promo_list, refused)
        reading.add_error("column", " ".join(refused.fields.values()))
    return render(request, "handouts/check.html", context | {"form": form})


def _warnings(promo_list: PromoList, look: looking.Look) -> list[str]:
    """Sentences about what a person may not mean: recipients without a code, one person twice."""
    if look.needed:
        return []
    stock = events.stock_of(promo_list.counter, promo_list.type)
    left, told = stock.left or 0, []
    if not look.ready:
        told.append("None of these rows is a recipient. Read the file differently.")
    if look.found["alike"]:
        one, other = look.found["alike"]
        told.append(
            f"“{one}” and “{other}” are two recipients, because capital and small letters count:"
            " each gets a code."
        )
    if look.ready > left:
        told.append(
            f"{formats.counted(left, 'code')} {'is' if left == 1 else 'are'} left to hand out."
            " Recipients after the last code get none, unless they have one already."
        )
    if beyond := stock.beyond_cap(min(look.ready, left)):
        told.append(
            f"{formats.number(beyond)} of these codes can never be claimed while the cap is"
            f" {formats.number(stock.entry_cap or 0)}."
        )
    return told


def _started(
    request: StaffRequest,
    promo_list: PromoList,
    staged: Staged,
    reading: ReadingForm,
    form: forms.Form,
) -> str | None:
    """The URL of the page that shows the progress; None if a person must choose first."""
    actor, early = request.user.actor, request.POST.get("early") == "yes"

    def made() -> str:
        return bulk_handouts.enter(promo_list.public_id, wanted, actor).public_id

    try:
        wanted = bulk_handouts.understood_staged(staged, early, reading.wishes())
        bulk_id, _ = sent_once(request, made)
    except Refused as refused:
        if "file" in refused.fields:
            raise
        if "choices" not in refused.more:  # the page shows them
            add_refusal(form, refused, {})
        return None
    return reverse("bulk_handout", args=[bulk_id])


def _unusable(request: StaffRequest, promo_list: PromoList, refused: Refused) -> HttpResponse:
    """The page on which a file is chosen, with what is wrong with this one."""
    form = RecipientsForm({})
    form.errors.clear()  # the error that nothing was chosen
    form.add_error("file", refused.fields.get("file", refused.detail))
    return _choosing(request, promo_list, form)


@needs(Permission.MANAGE)
def progress(request: StaffRequest, bulk_id: str) -> HttpResponse:
    """The page of one file. HTMX asks repeatedly for the part that changes."""
    bulk = bulk_handouts.find(bulk_id)
    context = {
        "section": "lists",
        "list": bulk.list,
        "bulk": bulk,
        "pending": bulk.status == BatchStatus.PENDING,
        "done": bulk.handed_out + bulk.rejected,
        "left_out": _left_out(bulk),
        "expires_at": bulk_handouts.expires_at(bulk),
    }
    page = "handouts/state.html" if request.htmx else "handouts/progress.html"
    with in_zone_of(bulk.list):
        return render(request, page, context)


def _left_out(bulk: BulkHandout) -> list[str]:
    """Phrases like "12 repeated"."""
    why = bulk.reasons
    return [f"{formats.number(why[r])} {words}" for r, words in LEFT_OUT.items() if why.get(r)]


@needs(Permission.MANAGE)
def file(request: StaffRequest, bulk_id: str) -> HttpResponseBase:
    """Recipients and codes as a .csv."""
    told = bulk_handouts.download(bulk_id, request.user.actor)
    return _csv(told, bulk_handouts.file_name(bulk_handouts.find(bulk_id)))


@needs(Permission.MANAGE)
def rejects(request: StaffRequest, bulk_id: str) -> HttpResponseBase:
    """The rows without a code as a .csv."""
    told = bulk_handouts.download_rejects(bulk_id, request.user.actor)
    return _csv(told, f"rows-without-a-code-{bulk_id}.csv")


def _csv(told: Iterable[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(told, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
