"""The batch log on a list's page: which batches are complete, which are being made, and which
failed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from promint.accounts.roles import Permission
from promint.core.codes import batches
from promint.core.events import alerts
from promint.core.models import Batch, Mail, PromoList
from promint.core.rules import BatchStatus
from promint.core.storage import database_now
from promint.dashboard.batches.account import REJECTED, in_a_line
from promint.dashboard.exports import Choice, choices
from promint.dashboard.lists import in_zone_of
from promint.dashboard.page import Paging, StaffRequest, formats, names_of, needs

PER_PAGE = 20


@dataclass(frozen=True)
class Entry:
    batch: Batch
    by: str
    now: datetime
    seen: tuple[int, datetime]  # how far it was and when, when the page first showed it
    troubles: list[Mail]  # alerts that a mail server refused or has not accepted yet

    @property
    def pending(self) -> bool:
        return self.batch.status == BatchStatus.PENDING

    @property
    def done(self) -> int:
        """How many codes were made, or rows were read."""
        return self.batch.created + self.batch.rejected

    @property
    def asked(self) -> int:
        """How many codes a complete batch has, or how many were asked for."""
        whole = self.batch.status == BatchStatus.ACTIVE
        return self.batch.created if whole else self.batch.quantity

    @property
    def rejected_why(self) -> str:
        """The reasons, like "3 not usable, 12 repeated"."""
        why = self.batch.reasons
        return ", ".join(f"{formats.number(why[r])} {w}" for r, w in REJECTED.items() if why.get(r))

    @property
    def account(self) -> str:
        """How its file was read, in words."""
        return in_a_line(self.batch.account)

    @property
    def formats(self) -> list[Choice]:
        """The formats in which its codes can be exported."""
        return choices(self.batch.created)

    @property
    def progress(self) -> str:
        """The progress, like "64%, about 12 s left"."""
        if not self.done or not self.batch.quantity:
            return "waiting for its turn" if self.batch.quantity else "reading the file"
        share = f"{100 * self.done // self.batch.quantity}%"
        done_then, then = self.seen
        if self.done <= done_then:
            return share
        left = (self.now - then) * ((self.batch.quantity - self.done) / (self.done - done_then))
        return f"{share}, about {formats.duration(left)} left"

    @property
    def seen_as(self) -> str:
        """`seen` as text, for the URL that asks for this row again."""
        return f"{self.seen[0]}@{self.seen[1].timestamp():.1f}"


@dataclass(frozen=True)
class Log:
    entries: list[Entry]
    paging: Paging
    all_formats: list[Choice]


def read(request: HttpRequest, promo_list: PromoList) -> Log:
    paging = Paging(request.GET.get("page", ""), promo_list.batches_made, PER_PAGE)
    shown = list(batches.of_list(promo_list.id)[paging.start : paging.stop])
    return Log(_entries(shown), paging, choices(promo_list.counter.codes))


def _entries(shown: list[Batch], seen: tuple[int, datetime] | None = None) -> list[Entry]:
    names = names_of(batch.created_by for batch in shown)
    now = database_now()
    troubles = alerts.troubles(shown)
    return [
        Entry(
            batch,
            names[batch.created_by],
            now,
            seen or (batch.created + batch.rejected, now),
            troubles.get(batch.id, []),
        )
        for batch in shown
    ]


def _seen(text: str) -> tuple[int, datetime] | None:
    done, _, at = text.partition("@")
    try:
        return int(done), datetime.fromtimestamp(float(at), UTC)
    except (ValueError, OverflowError, OSError):
        return None


@needs(Permission.READ)
def row(request: HttpRequest, batch_id: str) -> HttpResponse:
    """One row. A page asks for it repeatedly while its batch is pending."""
    batch = batches.find(batch_id)
    with in_zone_of(batch.list):
        context = {
            "entry": _entries([batch], _seen(request.GET.get("seen", "")))[0],
            "list": batch.list,
        }
        response = render(request, "batches/row.html", context)
    if batch.status != BatchStatus.PENDING:
        response["HX-Trigger-After-Settle"] = "batch-finished"
        if batch.status == BatchStatus.ACTIVE:
            messages.success(request, f"{batch.label} is active.")
    return response


@needs(Permission.MANAGE)
def retry(request: StaffRequest, batch_id: str) -> HttpResponse:
    if request.method != "POST":  # loaded again: the button is on the list's page
        return redirect("list", batches.find(batch_id).list.public_id)
    batch = batches.retry(batch_id, request.user.actor)
    messages.success(request, f"{batch.label} continues where it stopped.")
    return redirect("list", batch.list.public_id)
