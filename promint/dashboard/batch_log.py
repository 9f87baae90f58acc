"""The batch log on a list's page: what is made, what is on the way, what failed."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from promint.accounts.roles import Permission
from promint.core import batches
from promint.core.clock import database_now
from promint.core.models import Batch, PromoList
from promint.core.rules import BatchStatus
from promint.dashboard import formats
from promint.dashboard.actors import names_of
from promint.dashboard.paging import Paging
from promint.dashboard.permissions import StaffRequest, needs

PER_PAGE = 20


@dataclass(frozen=True)
class Entry:
    batch: Batch
    by: str
    now: datetime

    @property
    def pending(self) -> bool:
        return self.batch.status == BatchStatus.PENDING

    @property
    def done(self) -> int:
        """Codes made, or rows looked at."""
        return self.batch.created + self.batch.rejected

    @property
    def asked(self) -> int:
        """The codes of a whole batch, or those asked for."""
        active = self.batch.status == BatchStatus.ACTIVE
        return self.batch.created if active else self.batch.quantity

    @property
    def progress(self) -> str:
        """64%, about 12 s left"""
        if not self.done or not self.batch.quantity:
            return "waiting for its turn" if self.batch.quantity else "reading the file"
        left = batches.time_left(self.batch, self.now)
        share = f"{100 * self.done // self.batch.quantity}%"
        return f"{share}, about {formats.duration(left)} left" if left else share


@dataclass(frozen=True)
class Log:
    entries: list[Entry]
    paging: Paging


def of(request: HttpRequest, promo_list: PromoList) -> Log:
    paging = Paging(request.GET.get("page", ""), promo_list.batches_made, PER_PAGE)
    shown = list(batches.of_list(promo_list.id)[paging.start : paging.stop])
    return Log(_entries(shown), paging)


def _entries(shown: list[Batch]) -> list[Entry]:
    names = names_of(batch.created_by for batch in shown)
    now = database_now()
    return [Entry(batch, names[batch.created_by], now) for batch in shown]


@needs(Permission.READ)
def row(request: HttpRequest, batch_id: str) -> HttpResponse:
    """One row, asked for again and again while its batch is pending."""
    batch = batches.find(batch_id)
    with timezone.override(ZoneInfo(batch.list.timezone)):
        context = {"entry": _entries([batch])[0], "list": batch.list}
        response = render(request, "lists/batch_row.html", context)
    if batch.status != BatchStatus.PENDING:
        response["HX-Trigger-After-Settle"] = "batch-finished"
        if batch.status == BatchStatus.ACTIVE:
            messages.success(request, f"{batch.label} is active.")
    return response


@needs(Permission.MANAGE)
@require_POST
def retry(request: StaffRequest, batch_id: str) -> HttpResponse:
    batch = batches.retry(batch_id, request.user.actor)
    messages.success(request, f"{batch.label} goes on where it stopped.")
    return redirect("list", batch.list.public_id)
