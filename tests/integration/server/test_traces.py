"""Spans of real processes, as OpenTelemetry's own exporter writes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import installations
from tests.servers import Server, wait_until

pytestmark = pytest.mark.same_on_both

CODE, CUSTOMER = "CANARY77", "canary-customer"


def spans_of(server: Server) -> list[dict[str, Any]]:
    lines = [line for line in server.log.read_text().splitlines() if line.startswith('{"name"')]
    return [json.loads(line) for line in lines]


def of_claims(server: Server) -> list[dict[str, Any]]:
    return [one for one in spans_of(server) if one["name"] == "POST /api/v1/claims"]


def test_the_steps_of_a_job_stand_in_the_trace_of_its_request(tmp_path: Path) -> None:
    with Server.migrated(tmp_path) as server:
        server.up(OTEL_TRACES_EXPORTER="console", OTEL_BSP_SCHEDULE_DELAY="100")
        promo_list = installations.add_a_list(server)
        own = {"X-Request-Id": "shop-7"}
        path = f"/lists/{promo_list}/batches"
        wanted = {"quantity": 10, "notify": ["ops@example.com"]}
        assert server.manage.post(path, json=wanted, headers=own).is_success
        installations.add_a_multi_use_list(server, CODE)
        for status in (201, 409):  # the second is answered by the shorter way
            body = {"code": CODE, "customer": CUSTOMER}
            assert server.claims.post("/claims", json=body).status_code == status

        def names(request_id: str) -> set[str]:
            found = [
                one
                for one in spans_of(server)
                if one["attributes"]["promint.request_id"] == request_id
            ]
            assert len({one["context"]["trace_id"] for one in found}) <= 1
            return {one["name"] for one in found}

        wait_until(lambda: names("shop-7") >= {"Batch", "Mail"}, 60)
        wait_until(lambda: any(name.endswith("/batches") for name in names("shop-7")), 60)
        wait_until(lambda: len(of_claims(server)) == 2, 60)
    assert [one["attributes"]["http.response.status_code"] for one in of_claims(server)] == [
        201,
        409,
    ]
    assert len({one["context"]["trace_id"] for one in of_claims(server)}) == 2
    assert "canary" not in server.log.read_text().lower()


def test_whoever_asks_for_spans_without_the_packages_is_told(tmp_path: Path) -> None:
    with Server.migrated(tmp_path) as server:
        hidden = tmp_path / "opentelemetry"
        hidden.mkdir()
        (hidden / "__init__.py").write_text("raise ImportError('not installed')")
        server.up(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", PYTHONPATH=str(tmp_path))
        assert server.manage.get("/lists").is_success
        assert "pip install 'promint[tracing]'" in server.log.read_text()
