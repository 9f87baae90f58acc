"""Processes are killed in the middle of handing out, singly and in bulk: in the end, everybody
has one code."""

import signal
from pathlib import Path

import httpx
import pytest

from promint.accounts.roles import Scope
from promint.core import bulk_handouts
from promint.core.models import BulkHandoutRow, Handout
from promint.core.rules import HandoutRules
from tests.bulk import handed_out
from tests.factories import ACTOR, a_batch, a_key, a_list, let_go, some_codes
from tests.servers import Server, wait_until
from tests.soundness import assert_every_invariant_holds

ROWS = 1_500  # two steps
DONE_WITHIN = 120  # seconds


@pytest.mark.parametrize(
    ("where", "given"),
    [
        ("handouts.before_commit", 0),
        ("bulk_handouts.before_rows", 1_000),
        ("bulk_handouts.in_rows", 1_000),
    ],
)
def test_handing_out_in_bulk_goes_on_where_the_killed_worker_was(
    tmp_path: Path, where: str, given: int
) -> None:
    """This holds even if a person may have several codes of the list."""
    promo_list = a_list(handout=HandoutRules(per_recipient=9))
    a_batch(promo_list, 2 * ROWS)
    recipients = [f"cust-{n:05}" for n in range(ROWS)]
    content = "\n".join(recipients).encode()
    bulk = bulk_handouts.request(promo_list.public_id, "r.txt", [content], ACTOR)
    with Server.on_this_database(tmp_path) as server:
        assert server.worker(PROMINT_FAILPOINT=where).wait(60) == -signal.SIGKILL
        assert Handout.objects.count() == given
        assert not BulkHandoutRow.objects.exists()
        let_go(bulk)
        server.worker()
        wait_until(lambda: bulk_handouts.find(bulk.public_id).status == "active", DONE_WITHIN)
        assert_every_invariant_holds()
    found = handed_out(bulk)
    assert [recipient for recipient, _ in found] == recipients
    held = dict(Handout.objects.values_list("recipient", "code"))
    assert len(held) == Handout.objects.count() == ROWS
    assert {who: code.replace("-", "") for who, code in found} == held


@pytest.mark.parametrize(
    ("place", "given"), [("handouts.before_commit", 0), ("handouts.after_commit", 1)]
)
def test_who_asks_again_after_a_kill_has_one_code(tmp_path: Path, place: str, given: int) -> None:
    promo_list = a_list()
    made = some_codes(2, promo_list)
    headers = {"Authorization": f"Bearer {a_key(Scope.CLAIM)}"}

    def ask(url: str) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=30) as client:
            path = f"/api/v1/lists/{promo_list.public_id}/handouts"
            return client.post(url + path, json={"recipient": "cust-1"}, headers=headers)

    with Server.on_this_database(tmp_path) as server:
        killed = server.web(PROMINT_FAILPOINT=place)
        with pytest.raises(httpx.TransportError):
            ask(server.urls[0])
        killed.wait(60)
        assert Handout.objects.count() == given
        server.web()
        again = ask(server.urls[1])
    assert again.status_code == (200 if given else 201)
    assert again.json()["code"] in made
    assert Handout.objects.count() == 1
