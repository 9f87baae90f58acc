"""Cancellations in bulk: previewed, requested, confirmed by a second person, undone. A worker
does them step by step (cancelling, undoing)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum

from promint.core import audit, lists
from promint.core.codes.selecting import Selection, active_batches, selection
from promint.core.codes.stake import Preview
from promint.core.codes.stake import preview as preview_of
from promint.core.models import Cancellation, CancelledCode
from promint.core.rules import (
    REASON_CHARACTERS,
    Refusal,
    Refused,
    checks,
    ids,
    invalid,
    limits,
    not_found,
)
from promint.core.storage import database_now, durable, jobs


def preview(**chosen: Any) -> Preview:
    """What would be cancelled; `chosen` as for `selection`. Nothing is changed. Raises Refused."""
    return preview_of(selection(**chosen))


def preview_again(cancellation: Cancellation) -> Preview:
    """What a cancellation that waits would cancel now."""
    of_list, batch = cancellation.list, cancellation.batch
    named = () if of_list else tuple(cancellation.named)
    left = cancellation.left.get("unknown", 0)
    return preview_of(Selection(of_list, batch, named, left, cancellation.only_handed_out))


@durable
def request(reason: str, actor: str, **which: Any) -> Cancellation:
    """Request a cancellation; `which` as for `selection`. It waits for a second person if the
    installation requires one. Raises Refused."""
    reason = checked_reason(reason)
    chosen = selection(**which)
    if chosen.promo_list is not None:
        # With this lock, all batches that became active before this moment are committed.
        lists.lock_counter(chosen.promo_list.id)
    expected = preview_of(chosen)
    now = database_now()
    cancellation = Cancellation.objects.create(
        **_what(chosen),
        only_handed_out=chosen.handed_out,
        reason=reason,
        status="waiting" if expected.needs_approval else "pending",
        created_by=actor,
        created_at=now,
        stepped_at=now,
        expected=expected.codes,
        expected_is=expected.codes_are,
    )
    _record(actor, "requested", cancellation, now)
    return cancellation


def _what(chosen: Selection) -> dict[str, Any]:
    """Columns of the cancellation that say which codes it is about."""
    return {
        "list": chosen.promo_list,
        "batch": chosen.batch,
        "named": list(chosen.named),
        "quantity": _quantity(chosen),
        "left": {"unknown": chosen.impossible} if chosen.impossible else {},
    }


def checked_reason(reason: str) -> str:
    reason = reason.strip()
    problem = checks.paragraphs(reason, REASON_CHARACTERS)
    if not reason:
        problem = "Say why: it is kept with the cancellation."
    if problem:
        raise invalid({"reason": problem})
    return reason


def _quantity(chosen: Selection) -> int:
    """How many codes will be looked at."""
    if chosen.promo_list is None:
        return len(chosen.named)
    batches = active_batches(chosen.promo_list, chosen.batch)
    total: int | None = batches.aggregate(total=Sum("created"))["total"]
    return total or 0


def _record(actor: str, action: str, cancellation: Cancellation, at: datetime) -> None:
    after = {
        "list": cancellation.list and cancellation.list.public_id,
        "batch": cancellation.batch and cancellation.batch.public_id,
        "handed_out": cancellation.only_handed_out,
        "expected": cancellation.expected,
        "reason": cancellation.reason,
        "status": cancellation.status,
    }
    if cancellation.list is None:
        after["named"] = len(cancellation.named)
    audit.record(actor, f"cancellation.{action}", cancellation.public_id, after=after, at=at)


def find(public_id: str) -> Cancellation:
    key = ids.key_of(Cancellation.PREFIX, public_id)
    found = None if key is None else existing().filter(id=key).first()
    if found is None:
        raise not_found("cancellation")
    return found


def existing() -> QuerySet[Cancellation]:
    """The cancellations, newest first, read without the codes that they name."""
    return (
        Cancellation.objects.select_related("list", "batch")
        .defer("named")
        .order_by("-created_at", "-id")
    )


def waiting() -> QuerySet[Cancellation]:
    """The cancellations on which a worker has to work."""
    return Cancellation.objects.filter(status="pending")


def unconfirmed() -> QuerySet[Cancellation]:
    """The cancellations that wait for a second person."""
    return existing().filter(status="waiting")


def to_confirm(actor: str) -> int:
    """How many wait for a second person, who may be this one. Not looked up where the installation
    asks for none."""
    if settings.APPROVE_ABOVE is None:
        return 0
    return unconfirmed().exclude(created_by=actor).count()


@durable
def confirm(public_id: str, actor: str) -> Cancellation:
    """Confirm a cancellation, as another person than the one who requested it. Doing so again
    changes nothing. Raises Refused."""
    cancellation = find(public_id)
    if cancellation.created_by == actor:
        raise invalid(
            {"confirm": "You asked for this cancellation; another manager has to confirm it."}
        )
    return _decide(cancellation, "pending", "confirmed", actor)


@durable
def decline(public_id: str, actor: str) -> Cancellation:
    """Decline a cancellation, so that it never begins. The person who requested it may do that
    too. Raises Refused."""
    return _decide(find(public_id), "declined", "declined", actor)


def _decide(cancellation: Cancellation, status: str, action: str, actor: str) -> Cancellation:
    now = database_now()
    own = Cancellation.objects.filter(id=cancellation.id, status="waiting")
    if own.update(status=status, decided_by=actor, decided_at=now, stepped_at=now):
        audit.record(actor, f"cancellation.{action}", cancellation.public_id, at=now)
    return find(cancellation.public_id)


@durable
def undo(public_id: str, actor: str) -> Cancellation:
    """Make available again what it cancelled. A cancellation that is still in progress stops;
    one that waits is declined. Doing so again changes nothing, but continues an undo that
    failed. Raises Refused."""
    cancellation = find(public_id)
    now = database_now()
    if cancellation.status == "waiting":
        return _decide(cancellation, "declined", "declined", actor)
    if cancellation.undo_asked_at is not None:
        return _go_on(cancellation, now)
    if now >= undo_until(cancellation):
        days = limits.CANCELLATIONS_UNDONE_WITHIN.days
        raise Refused(
            Refusal.UNDO_EXPIRED,
            f"A cancellation can be undone within {days} days; this one was made earlier.",
        )
    done = Q(status__in=("pending", "active", "failed"), undo_asked_at=None)
    if Cancellation.objects.filter(done, id=cancellation.id).update(
        **_to_be_taken(now), undo_by=actor, undo_asked_at=now
    ):
        audit.record(actor, "cancellation.undo_requested", public_id, at=now)
    return find(public_id)


def _go_on(cancellation: Cancellation, now: datetime) -> Cancellation:
    failed = Cancellation.objects.filter(id=cancellation.id, status="failed")
    failed.update(**_to_be_taken(now))
    return find(cancellation.public_id)


def _to_be_taken(now: datetime) -> dict[str, object]:
    """The columns that let a worker take the job. A worker that has it already stops, because
    its fence is outdated."""
    return {
        "status": "pending",
        "error": None,
        "fence": F("fence") + 1,
        "leased_until": now,
        "stepped_at": now,
    }


def undo_until(cancellation: Cancellation) -> datetime:
    return cancellation.created_at + limits.CANCELLATIONS_UNDONE_WITHIN


def may_be_undone(cancellation: Cancellation, now: datetime) -> bool:
    return (
        cancellation.status in ("pending", "active", "failed")
        and cancellation.undo_asked_at is None
        and now < undo_until(cancellation)
    )


def undoable_of(code: str) -> Cancellation | None:
    """The cancellation in bulk whose undo can make this cancelled code available again. None if
    somebody cancelled the code singly, or if it is too late."""
    rows = CancelledCode.objects.filter(code=code, undone_at=None)
    found = rows.select_related("cancellation").defer("cancellation__named")
    standing = list(found.order_by("-cancelled_at"))
    if not standing or any(row.kept for row in standing):
        return None
    latest, now = standing[0].cancellation, database_now()
    return latest if may_be_undone(latest, now) else None


@durable
def fail(cancellation: Cancellation, reason: str) -> None:
    """Mark it as failed. What it did is kept, and can be undone."""
    jobs.write(cancellation, status="failed", error=reason[:500], finished_at=database_now())
    after = {"error": reason[:500]}
    audit.record("worker", "cancellation.failed", cancellation.public_id, after=after)
