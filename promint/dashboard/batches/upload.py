"""Uploading a partner's codes: a file or pasted codes, which lead to the page that says how they
are read; and the rejected rows."""

import json

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from promint.accounts.roles import Permission
from promint.core import uploads
from promint.core.codes import batches
from promint.core.models import PromoList
from promint.core.rules import ListType, Refused, limits
from promint.core.storage import sealed
from promint.core.uploads import Staged
from promint.dashboard.batches.upload_form import FileForm, UploadForm
from promint.dashboard.lists import ListState, details, of_list
from promint.dashboard.page import StaffRequest, add_refusal, needs

_PURPOSE = "promint.dashboard.uploads"


@needs(Permission.MANAGE)
@of_list
def upload(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    """Store what was sent and go on to the page that says how it is read."""
    check_type(promo_list)
    form = UploadForm()
    if request.method == "POST" and not ListState.read(promo_list).why_no_batches:
        form = UploadForm(request.POST, request.FILES)
        if (staged := stored(request, form)) is not None:
            return redirect(address_of(promo_list, staged))
    return details.page(request, promo_list, upload_form=form)


def check_type(promo_list: PromoList) -> None:
    if promo_list.type != ListType.THIRD_PARTY:
        raise Http404("Codes are uploaded to 3rd party lists only.")


def was_too_large(request: StaffRequest) -> bool:
    """Whether the file was too large. Then promint.server.file_size has dropped it while it
    arrived."""
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    return "file" not in request.FILES and announced > limits.UPLOAD_BYTES


def stored(request: StaffRequest, form: FileForm) -> Staged | None:
    """The file that was sent, which is kept now; None if the form has an error instead."""
    if was_too_large(request):
        form.errors.pop("file", None)
        form.add_error("file", uploads.too_large())
    elif form.is_valid():
        try:
            return uploads.stage(*form.sent())
        except Refused as refused:
            add_refusal(form, refused, {})
    return None


def address_of(promo_list: PromoList, staged: Staged) -> str:
    """The URL of the page that says how a stored file is read."""
    return reverse("check_upload", args=[promo_list.public_id, token_of(promo_list, staged)])


def token_of(promo_list: PromoList, staged: Staged) -> str:
    """A stored file of this list, encrypted for a URL."""
    stored = [promo_list.public_id, staged.file.stem, staged.name]
    return sealed.seal(_PURPOSE, json.dumps(stored))


def opened(promo_list: PromoList, token: str) -> tuple[str, str]:
    """The stored name of a file and the name it was sent with. Raises Http404 if no page of this
    list made the token."""
    text = sealed.unseal(_PURPOSE, token)
    list_id, stored_as, name = json.loads(text) if text else ("", "", "")
    if list_id != promo_list.public_id:
        raise Http404("This address was not made by a page of this list.")
    return stored_as, name


@needs(Permission.MANAGE)
def rejects(request: StaffRequest, batch_id: str) -> HttpResponseBase:
    """The rejected rows as a .csv file."""
    batch = batches.find(batch_id)
    uploads.note_download(batch, request.user.actor)
    response = StreamingHttpResponse(uploads.rejects(batch), content_type="text/csv; charset=utf-8")
    name = f"rejected-rows-{batch.public_id}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
