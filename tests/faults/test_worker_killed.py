"""A worker dies in the middle of a batch, and another makes exactly what is missing."""

import signal
from pathlib import Path

import pytest

from promint.core.codes import batches
from promint.core.models import Code
from tests import factories
from tests.faults.stopping import stop
from tests.servers import Server, wait_until
from tests.soundness import assert_every_invariant_holds


@pytest.mark.parametrize(
    "where",
    [
        "generation.in_chunk",
        "generation.after_chunk",
        "generation.before_last",
    ],
)
def test_a_batch_goes_on_exactly_where_it_was(tmp_path: Path, where: str) -> None:
    batch = factories.a_pending_batch(factories.a_list(), 50_000)
    with Server.on_this_database(tmp_path) as server:
        assert server.worker(PROMINT_FAILPOINT=where).wait(60) == -signal.SIGKILL
        killed = batches.find(batch.public_id)
        assert killed.status == "pending"
        assert Code.objects.filter(batch=batch).count() == killed.created
        assert (killed.created > 0) == (where != "generation.in_chunk")
        assert_every_invariant_holds()
        factories.let_go(batch)
        server.worker()
        wait_until(lambda: batches.find(batch.public_id).status == "active", 90)
        assert Code.objects.filter(batch=batch).count() == 50_000
        assert_every_invariant_holds()


def test_a_worker_that_was_stopped_and_woken_writes_nothing_more(tmp_path: Path) -> None:
    batch = factories.a_pending_batch(factories.a_list(), 300_000)
    with Server.on_this_database(tmp_path) as server:
        zombie = server.worker()
        wait_until(lambda: batches.find(batch.public_id).created > 0, 60, every=0.01)
        stop(zombie, batch)
        server.worker()  # waits until the lease has expired
        wait_until(lambda: batches.find(batch.public_id).status == "active", 120)
        zombie.send_signal(signal.SIGCONT)
        zombie.terminate()
        zombie.wait(30)
        assert Code.objects.filter(batch=batch).count() == 300_000
        assert_every_invariant_holds()
