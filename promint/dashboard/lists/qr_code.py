"""The QR code of a multi use code: on its list's page, and to download for print."""

import io

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from promint.accounts.roles import Permission
from promint.core import lists
from promint.core.exports import leads_to
from promint.core.rules import codewords
from promint.dashboard.page import needs

PNG_SCALE = 24  # pixels for each square: sharp on paper up to about 10 cm
_MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def drawing_of(code: str) -> SafeString:
    """An SVG for a page, in the size that the page gives it."""
    svg = segno.make_qr(leads_to(code)).svg_inline(
        omitsize=True, border=0, svgclass=None, lineclass=None
    )
    return mark_safe(svg)  # noqa: S308 — made of squares; the code is drawn, not written


@needs(Permission.READ)
def download(request: HttpRequest, list_id: str, format: str) -> HttpResponse:
    promo_list = lists.find(list_id)
    if promo_list.named_code is None or format not in _MEDIA_TYPES:
        raise Http404("Only a multi use list has a QR code.")
    file = io.BytesIO()
    size = {"scale": PNG_SCALE} if format == "png" else {"scale": 10}
    segno.make_qr(leads_to(promo_list.named_code)).save(file, kind=format, **size)
    response = HttpResponse(file.getvalue(), content_type=_MEDIA_TYPES[format])
    name = codewords.canonical(promo_list.named_code)
    response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return response
