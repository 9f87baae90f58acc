"""Cancelling in bulk by the API: previewed, done by the worker, undone."""

from typing import Any

import pytest

from promint.accounts.roles import Scope
from promint.core.models import Cancellation
from promint.core.rules.limits import NAMED_TO_CANCEL_BYTES
from promint.worker.cancellations import Cancellations
from tests.api import Api, problem, wrong_fields
from tests.factories import a_batch, a_list, a_pending_batch, claim, let_go, shown_codes
from tests.servers import Server


@pytest.fixture
def api() -> Api:
    return Api(Scope.MANAGE)


def work(api: Api, cancellation: dict[str, Any]) -> dict[str, Any]:
    path = f"/cancellations/{cancellation['id']}"
    let_go(Cancellation.objects.get())
    worker = Cancellations()
    while (found := api.ok(api.get(path)))["status"] == "pending":
        assert worker.turn()
    return found


def test_a_batch_is_previewed_cancelled_and_undone(api: Api) -> None:
    batch = a_batch(a_list(points=100), 5)
    codes = shown_codes(batch)
    claim(codes[0])
    wanted = {"batch": batch.public_id, "reason": "Leaked by the printer", "handed_out": None}
    looked = api.ok(api.post("/cancellations", wanted | {"preview": True}))
    assert (looked["codes"], looked["points_at_stake"], looked["codes_are"]) == (4, 400, "exact")
    assert set(looked["samples"]) == set(codes[1:])
    asked = api.ok(api.post("/cancellations", wanted | {"preview": False}), 202)
    assert (asked["status"], asked["expected"], asked["undo"]) == ("pending", 4, None)
    done = work(api, asked)
    assert (done["status"], done["cancelled"], done["left"]) == ("active", 4, {"claimed": 1})
    assert api.ok(api.get(f"/codes/{codes[1]}"))["status"] == "cancelled"
    assert api.ok(api.get("/cancellations")) == {"items": [done], "count": 1}
    undoing = api.ok(api.post(f"/cancellations/{done['id']}/undo"), 202)
    assert (undoing["status"], undoing["undo"]["undone_at"]) == ("pending", None)
    undone = work(api, undoing)["undo"]
    assert (undone["available_again"], undone["kept"]) == (4, 0)
    assert undone["undone_at"]
    assert api.ok(api.get(f"/codes/{codes[1]}"))["status"] == "available"


def test_what_is_missing_or_too_much_is_named(api: Api) -> None:
    chosen = {"list": a_list().public_id}
    for body, field in (
        ({"reason": "leaked"}, "list"),
        (chosen | {"codes": ["ABC"], "reason": "leaked"}, "list"),
        (chosen, "reason"),
        ({"codes": [], "reason": "leaked"}, "codes"),
        ({"codes": ["ABC"] * 10_001, "reason": "leaked"}, "codes"),
        (chosen | {"why": "leaked"}, "why"),
    ):
        assert set(wrong_fields(api.post("/cancellations", body))) == {field}
    pending = a_pending_batch(a_list()).public_id
    problem(api.post("/cancellations", {"batch": pending, "reason": "x"}), "batch_pending")
    problem(api.get("/cancellations/cnl_x"), "not_found")


def test_ten_thousand_codes_fit_into_one_request(web: Server) -> None:
    """Sent through the server, which reads no more of a body than it must."""
    longest = {"codes": [f"{i:064}" for i in range(10_000)], "preview": True}
    answer = web.manage.post("/cancellations", json=longest)
    assert (answer.status_code, answer.json()["left"]) == (200, {"unknown": 10_000})
    too_much = {"reason": "x" * NAMED_TO_CANCEL_BYTES}
    refused = web.manage.post("/cancellations", json=too_much)
    assert refused.json()["error"] == "payload_too_large"
