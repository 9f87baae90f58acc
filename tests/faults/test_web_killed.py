"""The web process dies while it makes claims: nothing that was acknowledged is lost or happens
twice."""

import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from promint.core.models import Claim, ListCounter
from promint.core.rules.rules import ListType
from tests import factories
from tests.faults.journal import Crowd, Journal
from tests.servers import Server, wait_until
from tests.soundness import assert_every_invariant_holds

CODE = "AllOfUs"


def _server(directory: Path) -> Server:
    return Server.on_this_database(directory)


def _compare(journal: Journal, list_id: int) -> None:
    """Check that the journal and the database agree."""
    claimed = set(Claim.objects.filter(list=list_id).values_list("customer", flat=True))
    granted = {journal.intents[key][1] for key in journal.granted()}
    assert granted == claimed
    assert not journal.open


@pytest.mark.parametrize("where", ["claims.before_commit", "claims.after_commit"])
def test_a_kill_around_the_commit_is_settled_by_sending_again(tmp_path: Path, where: str) -> None:
    promo_list = factories.a_list(ListType.MULTI_USE, code=CODE, entry_cap=1_000)
    with _server(tmp_path) as server:
        dying = server.web(PROMINT_FAILPOINT=where)
        with Crowd(server, [CODE]) as crowd:
            assert dying.wait(60) == -signal.SIGKILL
        committed = Claim.objects.count()
        assert (committed > 0) == (where == "claims.after_commit")
        assert crowd.acknowledged == 0
        server.web()
        crowd.journal.retry_open(server, server.urls[-1])
        _compare(crowd.journal, promo_list.id)
        assert_every_invariant_holds()


def test_kills_under_load_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    promo_list = factories.a_list(ListType.MULTI_USE, code=CODE, entry_cap=300)
    with _server(tmp_path) as server:
        journals = []
        for round_ in range(3):
            web = server.web()
            with Crowd(server, [CODE]) as crowd:
                crowd._next = 10_000 * round_
                wait_until(lambda crowd=crowd: crowd.acknowledged > 150, 60)
                web.kill()
                web.wait()
            journals.append(crowd.journal)
        server.web()
        for journal in journals:
            journal.retry_open(server, server.urls[-1])
        merged = Journal()
        for journal in journals:
            merged.intents |= journal.intents
            merged.answers |= journal.answers
        _compare(merged, promo_list.id)
        assert ListCounter.objects.get().claims == 300
        assert_every_invariant_holds()


def test_a_request_on_a_connection_kept_open_is_answered_while_the_server_ends(
    tmp_path: Path,
) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    with _server(tmp_path) as server:
        web = server.web()
        server.claims.post("/claims", json={"code": CODE, "customer": "early"})
        web.terminate()
        wait_until(lambda: _refuses_connections(server.urls[-1]), 5, every=0.01)
        late = server.claims.post("/claims", json={"code": CODE, "customer": "late"})
        assert (late.status_code, late.headers["connection"]) == (201, "close")
        assert web.wait(12) == 0


def _refuses_connections(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_sigterm_under_load_answers_what_is_in_flight_and_ends_with_0(tmp_path: Path) -> None:
    promo_list = factories.a_list(ListType.MULTI_USE, code=CODE)
    with _server(tmp_path) as server:
        web = server.web()
        with Crowd(server, [CODE]) as crowd:
            wait_until(lambda: crowd.acknowledged > 100, 60)
            web.terminate()
            assert web.wait(12) == 0
        assert "RemoteProtocolError" not in crowd.journal.troubles, crowd.journal.troubles
        server.web()
        crowd.journal.retry_open(server, server.urls[-1])
        _compare(crowd.journal, promo_list.id)
        assert_every_invariant_holds()
