"""Ways to break codes that were cancelled in bulk."""

from promint.core import codes
from promint.core.codes import cancellations, cancelling, undoing
from promint.core.models import Cancellation
from promint.core.storage import jobs
from tests.factories import ACTOR, a_batch, a_list, shown_codes
from tests.integration.doctor.breakages import Story, breaks, execute


def worked() -> None:
    """Complete the only cancellation."""
    job = jobs.take(cancellations.waiting())
    assert job is not None
    while job.status == "pending":
        job = cancelling.step(job) if job.undo_asked_at is None else undoing.step(job)


def cancelled(*, then_undone: bool = False) -> str:
    """A canonical code that was cancelled together with two others."""
    batch = a_batch(a_list(), 3)
    asked = cancellations.request("leaked", ACTOR, batch_id=batch.public_id)
    worked()
    if then_undone:
        cancellations.undo(asked.public_id, ACTOR)
        worked()
    assert Cancellation.objects.get().status == "active"
    return codes.find(shown_codes(batch)[0]).value


@breaks(1, 6, 14)
def an_undo_leaves_a_code_cancelled(_: Story) -> None:
    code = cancelled(then_undone=True)
    execute(
        "UPDATE core_code SET cancelled_at = (SELECT MAX(cancelled_at) FROM core_cancelledcode)"
        " WHERE value = %s",
        code,
    )


@breaks(1, 14)
def a_code_is_available_without_an_undo(_: Story) -> None:
    execute("UPDATE core_code SET cancelled_at = NULL WHERE value = %s", cancelled())


@breaks(1, 6, 14)
def an_undo_frees_what_somebody_cancelled_since(_: Story) -> None:
    code = cancelled()
    codes.cancel(code, "lost", ACTOR)
    cancellations.undo(Cancellation.objects.get().public_id, ACTOR)
    worked()
    execute("UPDATE core_code SET cancelled_at = NULL WHERE value = %s", code)


@breaks(14)
def an_undo_forgets_a_code(_: Story) -> None:
    cancelled(then_undone=True)
    execute("UPDATE core_cancellation SET freed = freed - 1")


@breaks(14)
def a_cancellation_is_undone_but_for_some_codes(_: Story) -> None:
    cancelled()
    execute(
        "UPDATE core_cancellation SET undo_asked_at = finished_at, undone_at = finished_at,"
        " undo_by = 'staff:x'"
    )


@breaks(14)
def a_cancellation_counts_more_than_it_cancelled(_: Story) -> None:
    cancelled()
    execute("UPDATE core_cancellation SET cancelled = cancelled + 1")
