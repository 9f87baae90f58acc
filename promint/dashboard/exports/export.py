"""Export: a person chooses a format and waits in a dialog over the list's page until the file is
downloaded."""

from datetime import timedelta
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.accounts.roles import Permission
from promint.core import exports
from promint.core.models import Export, PromoList
from promint.core.rules import BatchStatus, ListType, Refusal, Refused
from promint.core.storage import database_now
from promint.dashboard.lists import details, in_zone_of, of_list
from promint.dashboard.page import StaffRequest, needs, sent_once

STILL_AWAITED = timedelta(minutes=1)  # after the file is complete; its page asks each second


@needs(Permission.MANAGE)
@require_POST
@of_list
def start(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    """Request an export of one batch, of the whole list if no batch is named, or of its claims."""
    try:
        export_id, _ = sent_once(request, lambda: _asked_for(request, promo_list))
    except Refused as refused:
        if refused.refusal is Refusal.NOT_FOUND:
            raise
        dialog = "exports/refused.html"
        return details.page(request, promo_list, 409, dialog=dialog, refused=refused)
    return redirect("export", export_id)


def _asked_for(request: StaffRequest, promo_list: PromoList) -> str:
    """Request the export and return its id."""
    actor, format = request.user.actor, request.POST.get("format", "")
    if request.POST.get("what") == exports.CLAIMS:
        return exports.request_claims(promo_list.public_id, format, actor).public_id
    only = exports.Only(status=request.POST.get("status") or None)
    if batch_id := request.POST.get("batch"):
        return exports.request_batch(batch_id, format, actor, only).public_id
    return exports.request_list(promo_list.public_id, format, actor, only).public_id


@needs(Permission.MANAGE)
def progress(request: StaffRequest, export_id: str) -> HttpResponse:
    """The dialog. HTMX asks repeatedly, and gets only the content of the dialog."""
    export = exports.find(export_id)
    more: dict[str, Any] = {
        "dialog": "exports/export.html",
        "export": export,
        "ready": exports.kept(export, database_now()),
        "starts": _starts_by_itself(export, request.user.actor),
        "at_most": _is_upper_bound(export),
        "left_out": max(0, len(export.chosen or []) - export.quantity),
    }
    if request.htmx:
        return render(request, "exports/state.html", more)
    with in_zone_of(export.list):
        return details.page(request, export.list, **more)


def _starts_by_itself(export: Export, actor: str) -> bool:
    """Whether the download does: for the person who asked for the file and still waits for it. To
    everybody else the address shows a button."""
    awaited = export.finished_at is None or database_now() - export.finished_at < STILL_AWAITED
    return awaited and export.created_by == actor


def _is_upper_bound(export: Export) -> bool:
    """Whether fewer codes than `quantity` may be written, since only available codes are, and these
    are not counted before."""
    exact = export.chosen or export.list.type == ListType.MULTI_USE
    return export.status == BatchStatus.PENDING and bool(export.only_status) and not exact


@needs(Permission.MANAGE)
def download(request: StaffRequest, export_id: str) -> HttpResponseBase:
    file = exports.download(export_id, request.user.actor)
    return FileResponse(
        file, as_attachment=True, filename=exports.file_name(exports.find(export_id))
    )
