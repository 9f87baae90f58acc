"""A list's own page. Times are in the list's zone."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render

from promint.accounts.roles import Permission
from promint.core import events, lists
from promint.core.claiming import history
from promint.core.claiming import of_list as claims_of_list
from promint.core.codes import batches
from promint.core.models import PromoList
from promint.core.rules import ListType, Verdict
from promint.dashboard.batches import UploadForm, log
from promint.dashboard.lists import claim_chart
from promint.dashboard.lists.qr_code import drawing_of
from promint.dashboard.lists.state import ListState, of_list
from promint.dashboard.lists.warnings import why_nobody
from promint.dashboard.page import StaffRequest, customer_reads, needs

CLAIMS_SHOWN = 8


@needs(Permission.READ)
@of_list
def details(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    return page(request, promo_list)


def page(
    request: StaffRequest, promo_list: PromoList, status: int = 200, **more: Any
) -> HttpResponse:
    """The list's page. `more`: what a dialog over it needs."""
    state = ListState.read(promo_list)
    chart = _chart(state, running=request.GET.get("chart") == "total")
    warnings = lists.warnings_about([promo_list], state.now)[promo_list.id]
    context = {
        "section": "lists",
        "state": state,
        "list": promo_list,
        "chart": chart,
        "cap_day": history.cap_day(promo_list, state.now),
        "claims": claims_of_list.page(claims_of_list.Wanted(promo_list), None, CLAIMS_SHOWN).claims,
        "log": None if state.type is ListType.MULTI_USE else log.read(request, promo_list),
        "given": events.handed_out(promo_list.id),
        "warnings": warnings,
        "why_nobody": why_nobody(promo_list.owner) if warnings else "",
        "on_the_way": batches.codes_on_the_way(promo_list.id),
        "message_at_end": customer_reads(Verdict.CODE_EXPIRED, promo_list.customer_messages),
        "message_at_cap": customer_reads(Verdict.CAP_REACHED, promo_list.customer_messages),
        "qr": drawing_of(promo_list.named_code) if promo_list.named_code else None,
        "upload_form": UploadForm(),
        **more,
    }
    return render(request, "lists/details.html", context, status=status)


def _chart(state: ListState, running: bool) -> claim_chart.Chart | None:
    if not state.claims:
        return None
    promo_list = state.list
    zone = ZoneInfo(promo_list.timezone)
    span = claim_chart.span_of(promo_list.starts_at, promo_list.ends_at, state.now, zone)
    hours = history.by_hour(promo_list.id, span.start - timedelta(hours=1), span.end)
    return claim_chart.chart(span, hours, state.claims, state.now, running)
