"""The id of a request is in its answer, and in the log lines of all that it causes, up to the mail
that a worker sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import factories, installations
from tests.servers import Server, wait_until

pytestmark = pytest.mark.same_on_both


def lines_of(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.read_text().splitlines() if "{" in line]


def about(server: Server, request_id: str) -> list[str]:
    """Who logged what about a request."""
    found = [one for one in lines_of(server) if one.get("request_id") == request_id]
    return [f"{one['logger']}: {one['message'].split('_')[0]}" for one in found]


def test_it_goes_from_the_door_to_the_mail(tmp_path: Path) -> None:
    with Server.migrated(tmp_path) as server:
        server.up(PROMINT_LOG_FORMAT="json")
        promo_list = installations.add_a_list(server)
        own = {"X-Request-Id": "shop:order-7"}
        wanted = {"quantity": 10, "notify": ["ops@example.com"]}
        asked = server.manage.post(f"/lists/{promo_list}/batches", json=wanted, headers=own)
        assert asked.headers["X-Request-Id"] == "shop:order-7"
        sent = "promint.worker.mail.sending: mal"
        wait_until(lambda: sent in about(server, "shop:order-7"), 60)
        of_exports = server.manage.post("/exports", json={"list": promo_list, "format": "csv"})
        made = of_exports.headers["X-Request-Id"]
        wait_until(lambda: "promint.worker.step: exp" in about(server, made), 60)
    first, *rest = about(server, "shop:order-7")
    assert {first, *rest} >= {"promint.worker.step: bat", sent}
    assert any(one.startswith("promint.requests: POST") for one in (first, *rest))


@pytest.mark.parametrize("path", ["/claims", "/offers", "/nowhere"])
def test_a_refusal_has_the_callers_id_too(web: Server, path: str) -> None:
    refused = web.client("wrong").post(path, json={}, headers={"X-Request-Id": "Mine.1"})
    assert refused.headers["X-Request-Id"] == "Mine.1" == refused.json()["request_id"]


@pytest.mark.parametrize("sent", ["", "two words", "x" * 65, "<b>", 'a"b', "a\tb", "é"])
@pytest.mark.parametrize("path", ["/claims", "/offers"])
def test_what_may_not_stand_in_a_log_is_replaced(web: Server, path: str, sent: str) -> None:
    headers = {"X-Request-Id": sent.encode()}
    answer = web.manage.post(path, json={"name": "Coffee"}, headers=headers)
    assert answer.headers["X-Request-Id"].startswith("req_")


def test_a_claim_has_the_callers_id_whichever_way_it_is_answered(web: Server) -> None:
    code = factories.a_code()
    for number, status in enumerate((201, 409, 409)):
        sent = {"X-Request-Id": f"till-{number}"}
        body = {"code": code, "customer": "cust-1"}
        answer = web.claims.post("/claims", json=body, headers=sent)
        assert (answer.status_code, answer.headers["X-Request-Id"]) == (status, f"till-{number}")


def test_a_handout_has_the_callers_id(web: Server) -> None:
    batch = factories.a_batch(factories.a_list())
    path = f"/lists/{batch.list.public_id}/handouts"
    for recipient in ("cust-1", "cust-2"):  # the second is answered before Django
        sent = {"X-Request-Id": f"for-{recipient}"}
        given = web.manage.post(path, json={"recipient": recipient}, headers=sent)
        assert given.status_code == 201, given.text
        assert given.headers["X-Request-Id"] == f"for-{recipient}"
