"""Uploading a partner's codes to a 3rd party list, and fetching the rows that were rejected."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect

from promint.accounts.roles import Permission
from promint.core import uploads
from promint.core.codes import batches
from promint.core.models import PromoList
from promint.core.rules import ListType, Refused, limits
from promint.dashboard.batches.upload_form import UploadForm
from promint.dashboard.lists import details, of_list
from promint.dashboard.page import StaffRequest, add_refusal, needs, sent_once


@needs(Permission.MANAGE)
@of_list
def upload(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    if promo_list.type != ListType.THIRD_PARTY:
        raise Http404("Codes are uploaded to 3rd party lists only.")
    form = UploadForm(initial={"alert_to": request.user.email})
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if _too_large(request):
            form.errors.pop("file", None)
            form.add_error("file", uploads.too_large())
        elif form.is_valid() and _taken(request, promo_list, form):
            return redirect("list", promo_list.public_id)
    return details.page(request, promo_list, upload_form=form)


def _too_large(request: StaffRequest) -> bool:
    """The file was thrown away on the way: promint.server.file_size."""
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    return "file" not in request.FILES and announced > limits.UPLOAD_BYTES


def _taken(request: StaffRequest, promo_list: PromoList, form: UploadForm) -> bool:
    typed = form.cleaned_data
    file: UploadedFile[Any] = typed["file"]
    actor, notify = request.user.actor, form.addresses()
    list_id, name = promo_list.public_id, file.name or ""
    try:
        wanted = uploads.understood(
            list_id, name, file.chunks(), typed["name"], notify, uploads.Wishes()
        )
        sent_once(request, lambda: uploads.enter(list_id, wanted, actor).public_id)
    except Refused as refused:
        add_refusal(form, refused, {"notify": "alert_to"})
        return False
    messages.success(request, f"{wanted.staged.name} is uploaded. Its codes are being checked.")
    return True


@needs(Permission.MANAGE)
def rejects(request: StaffRequest, batch_id: str) -> HttpResponseBase:
    """The rejected rows as a .csv."""
    batch = batches.find(batch_id)
    uploads.note_download(batch, request.user.actor)
    response = StreamingHttpResponse(uploads.rejects(batch), content_type="text/csv; charset=utf-8")
    name = f"rejected-rows-{batch.public_id}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
