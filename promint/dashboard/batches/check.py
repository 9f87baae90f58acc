"""The page between choosing a file and loading it: how the file is read, and what a person has
to choose."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core import uploads
from promint.core.models import PromoList
from promint.core.rules import Refused
from promint.dashboard.batches.account import REJECTED, facts
from promint.dashboard.batches.beyond_cap import never_claimable
from promint.dashboard.batches.upload import check_type, opened
from promint.dashboard.batches.upload_form import LoadForm, ReadingForm, UploadForm
from promint.dashboard.lists import details, of_list
from promint.dashboard.page import StaffRequest, add_refusal, needs, sent_once

SAMPLE = 1_000  # rows that are looked at


@dataclass(frozen=True)
class Row:
    sheet: str | None
    number: int
    value: str
    result: str


@dataclass(frozen=True)
class Look:
    """What is known about a file. `needed`: column_needed, sheet_needed or nothing."""

    file_name: str
    found: dict[str, Any]
    holds: str = "codes"

    @property
    def needed(self) -> str | None:
        return self.found.get("needed")

    @property
    def choices(self) -> list[dict[str, Any]]:
        return list(self.found.get("choices", []))

    @property
    def facts(self) -> list[tuple[str, str]]:
        return facts(self.found["account"], self.holds.capitalize())

    @property
    def looked_at(self) -> int:
        return int(self.found["account"].get("rows", 0))

    @property
    def is_sample(self) -> bool:
        return self.looked_at == SAMPLE

    @property
    def ready(self) -> int:
        return self.looked_at - sum(count for count, _ in self.rejected)

    @property
    def rejected(self) -> list[tuple[int, str]]:
        counts = self.found["account"].get("counts", {})
        return [(counts[why], words) for why, words in REJECTED.items() if counts.get(why)]

    @property
    def rows(self) -> list[Row]:
        return [
            Row(row["sheet"], row["row"], row["value"], _result(row["reason"]))
            for row in self.found.get("rows", [])
        ]


def _result(reason: str | None) -> str:
    return REJECTED[reason].capitalize() if reason else "Ready"


@needs(Permission.MANAGE)
@of_list
def check(request: StaffRequest, promo_list: PromoList, token: str) -> HttpResponse:
    """Show how the file is read. When the form is sent, load it."""
    check_type(promo_list)
    reading = ReadingForm(request.GET)
    form = LoadForm(initial={"alert_to": request.user.email})
    context = {"section": "lists", "list": promo_list, "reading": reading, "form": form}
    try:
        staged = uploads.staged(*opened(promo_list, token))
        if request.method == "POST":
            context["form"] = form = LoadForm(request.POST)
            if form.is_valid() and _loaded(request, promo_list, staged, reading, form):
                return redirect(f"{reverse('list', args=[promo_list.public_id])}#batch-log")
        look = Look(staged.name, uploads.preview_staged(staged, reading.wishes()))
        context |= {"look": look, "beyond": never_claimable(promo_list, look.ready)}
    except Refused as refused:
        if "column" not in refused.fields and "sheet" not in refused.fields:
            return _unusable(request, promo_list, refused)
        reading.add_error("column", " ".join(refused.fields.values()))
    return render(request, "batches/check.html", context)


def _loaded(
    request: StaffRequest,
    promo_list: PromoList,
    staged: uploads.Staged,
    reading: ReadingForm,
    form: LoadForm,
) -> bool:
    name, notify = form.cleaned_data["name"], form.addresses()
    actor, wishes = request.user.actor, reading.wishes()
    try:
        wanted = uploads.understood_staged(staged, name, notify, wishes)
        sent_once(request, lambda: uploads.enter(promo_list.public_id, wanted, actor).public_id)
    except Refused as refused:
        if "file" in refused.fields:
            raise
        if "choices" in refused.more:  # the page shows them
            return False
        add_refusal(form, refused, {"notify": "alert_to"})
        return False
    messages.success(request, f"{staged.name} is being loaded. You can leave this page.")
    return True


def _unusable(request: StaffRequest, promo_list: PromoList, refused: Refused) -> HttpResponse:
    """The upload page, which says what is wrong with the file, so that another one can be
    chosen."""
    form = UploadForm({})
    form.errors.clear()  # the error that nothing was chosen
    form.add_error("file", refused.fields.get("file", refused.detail))
    return details.page(request, promo_list, upload_form=form)
