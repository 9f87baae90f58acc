"""Print: a person chooses which codes, a layout and a heading, and waits for the PDF as for any
export."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core import exports
from promint.core.models import Batch, PromoList
from promint.core.rules import BatchStatus, ListType, Refusal, Refused, limits, sheets
from promint.dashboard.lists import details, of_list
from promint.dashboard.page import (
    StaffRequest,
    WholeNumber,
    add_refusal,
    formats,
    needs,
    sent_once,
    text_input,
)

BATCHES_SHOWN = 500  # to choose from
ALL, CHOSEN = "list", "codes"
CHOSEN_CODES = "Chosen codes"
EVERY_CODE = "All available, not handed out"
FIELDS = {"list": "what", "batch": "what"}  # core's names → this form's


class PrintForm(forms.Form):
    what = forms.ChoiceField(
        label="Codes",
        widget=forms.Select(attrs={"class": "input", "autofocus": True}),
        error_messages={"required": "Choose which codes to print."},
    )
    codes = forms.CharField(
        label=CHOSEN_CODES,
        required=False,
        widget=forms.Textarea(
            attrs={"class": "input mono", "rows": 3, "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=f"One a line, up to {limits.CHOSEN_TO_PRINT:,}. Only for chosen codes.",
    )
    copies = WholeNumber(label="Copies", help_text="How often the code is printed.")
    part = WholeNumber(
        label="Part",
        help_text=f"One file holds {limits.PRINTED_CODES:,} codes. Part 1 has the first of them.",
    )
    layout = forms.ChoiceField(
        label="Layout",
        choices=[(name, layout.label) for name, layout in sheets.LAYOUTS.items()],
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={"required": "Choose a layout."},
    )
    paper = forms.ChoiceField(
        label="Paper",
        choices=[(name, name) for name in sheets.PAPERS],
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={"required": "Choose a paper size."},
    )
    heading = forms.CharField(
        label="Heading",
        required=False,
        widget=text_input(autocomplete="off"),
        help_text=f"A line above each code, up to {limits.HEADING_CHARACTERS} characters.",
    )

    def __init__(self, promo_list: PromoList, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if promo_list.counter.codes <= limits.PRINTED_CODES:
            del self.fields["part"]
        if promo_list.type == ListType.MULTI_USE:
            del self.fields["what"], self.fields["codes"]
        else:
            del self.fields["copies"]
            what: Any = self.fields["what"]
            what.choices = _choices(promo_list)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("codes", "").strip() and typed.get("what") not in (CHOSEN, None):
            self.add_error(
                "codes", f"Empty this field, or choose “{CHOSEN_CODES}” above to print these."
            )
        return typed

    def wanted(self) -> exports.Wanted:
        typed = self.cleaned_data
        copies = typed.get("copies")
        return exports.Wanted(
            typed["layout"],
            typed["paper"],
            typed["heading"],
            1 if copies is None else copies,
            typed.get("part"),
        )


def _choices(promo_list: PromoList) -> list[tuple[str, str]]:
    left = promo_list.counter.available  # with those that were handed out, so it is a limit
    active = Batch.objects.filter(list=promo_list, status=BatchStatus.ACTIVE)
    newest = active.order_by("-created_at", "-number")[:BATCHES_SHOWN]
    return [
        (ALL, f"{EVERY_CODE}: up to {formats.number(left)}"),
        *((one.public_id, f"Of {one.label}: up to {_most(one, left)}") for one in newest),
        (CHOSEN, CHOSEN_CODES),
    ]


def _most(batch: Batch, left_in_list: int) -> str:
    return formats.number(min(batch.created - batch.cancelled, left_in_list))


@needs(Permission.MANAGE)
@of_list
def choose(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    if request.method != "POST":
        first = {"what": request.GET.get("batch", ALL), "copies": 1, "layout": "cards"}
        return _dialog(request, promo_list, PrintForm(promo_list, initial=first))
    form = PrintForm(promo_list, request.POST)
    if form.is_valid():
        try:
            export_id, _ = sent_once(request, lambda: _requested(request, promo_list, form))
        except Refused as refused:
            if refused.refusal is Refusal.NOT_FOUND:
                raise
            add_refusal(form, refused, FIELDS)
        else:
            return redirect("export", export_id)
    return _dialog(request, promo_list, form)


def _requested(request: StaffRequest, promo_list: PromoList, form: PrintForm) -> str:
    """Request the sheets and return the id of the export."""
    wanted, actor = form.wanted(), request.user.actor
    what = form.cleaned_data.get("what", ALL)
    if what == ALL:
        return exports.print_list(promo_list.public_id, wanted, actor).public_id
    if what == CHOSEN:
        typed = [line for line in form.cleaned_data["codes"].splitlines() if line.strip()]
        return exports.print_codes(typed, wanted, actor, promo_list.public_id).public_id
    return exports.print_batch(what, wanted, actor).public_id


def _dialog(request: StaffRequest, promo_list: PromoList, form: PrintForm) -> HttpResponse:
    return details.page(request, promo_list, dialog="exports/print.html", form=form)
