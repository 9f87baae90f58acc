"""The worker dies while it cancels codes in bulk, or undoes that, and another one continues."""

import signal
from pathlib import Path

import pytest

from promint.core.codes import cancellations, cancelling
from promint.core.models import CancelledCode, Code
from tests import factories
from tests.servers import Server, wait_until
from tests.soundness import assert_every_invariant_holds

CODES = 3 * cancelling.STEP
DONE_WITHIN = 60  # seconds


@pytest.mark.parametrize(
    ("where", "undone", "done"),
    [
        ("cancelling.in_step", False, 0),
        ("cancellations.after_step", False, cancelling.STEP),
        ("undoing.in_step", True, CODES),
        ("cancellations.after_step", True, CODES - cancelling.STEP),
    ],
)
def test_a_cancellation_goes_on_exactly_where_the_killed_worker_was(
    tmp_path: Path, where: str, undone: bool, done: int
) -> None:
    batch = factories.a_batch(factories.a_list(), CODES)
    asked = cancellations.request("leaked", factories.ACTOR, batch_id=batch.public_id)
    if undone:
        while asked.status == "pending":
            asked = cancelling.step(asked)
        cancellations.undo(asked.public_id, factories.ACTOR)
    with Server.on_this_database(tmp_path) as server:
        assert server.worker(PROMINT_FAILPOINT=where).wait(60) == -signal.SIGKILL
        assert Code.objects.exclude(cancelled_at=None).count() == done
        assert_every_invariant_holds()
        factories.let_go(asked)
        server.worker()
        wait_until(lambda: cancellations.find(asked.public_id).status == "active", DONE_WITHIN)
        assert_every_invariant_holds()
    ended = cancellations.find(asked.public_id)
    assert (ended.cancelled, ended.freed) == (CODES, CODES if undone else 0)
    assert Code.objects.exclude(cancelled_at=None).count() == (0 if undone else CODES)
    assert CancelledCode.objects.count() == CODES
