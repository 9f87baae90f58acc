"""What Prometheus is told, by real processes."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.db import connection
from django.utils.timezone import now
from prometheus_client.parser import text_string_to_metric_families

from promint.core.events import alerts, endpoints
from promint.core.instruments import VERDICTS
from promint.core.models import Batch, Delivery, Mail
from promint.core.rules.rules import ListType
from promint.server.metrics import facts
from tests import databases, factories
from tests.servers import ANSWERS_WITHIN, Server, end, wait_until
from tests.unit.test_docs import rows, section, words_in

CODE, CUSTOMER, TOKEN = "CANARY77", "canary-customer", "only-prometheus-knows-it"
LABELS = {
    "verdict": VERDICTS,
    "of": ("claims", "other"),
    "part": ("claims", "validations", "health", "metrics", "connection", "api", "static", "pages"),
    "result": ("worked", "busy", "failed", "created", "rejected"),
    "source": ("generated", "upload"),
    "kind": (*facts._jobs(), "webhook"),
    "process": ("web", "worker", "web 1", "web 2"),
}


class Figures:
    """What a text of /metrics says, by name and labels."""

    def __init__(self, text: str) -> None:
        self.samples = [
            sample for family in text_string_to_metric_families(text) for sample in family.samples
        ]

    def labels_of(self, name: str) -> set[str]:
        found = [s.labels for s in self.samples if re.fullmatch(f"{name}(_bucket|_sum)?", s.name)]
        return {label for labels in found for label in labels} - {"le"}

    def sum(self, name: str, **labels: str) -> float:
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server.on_this_database(tmp_path) as made:
        yield made


def asked(url: str, token: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}".encode()} if token else {}
    return httpx.get(f"{url}/metrics", headers=headers, trust_env=False, timeout=30)


def test_the_figures_of_all_processes_are_added_up_and_hold_no_code(server: Server) -> None:
    factories.a_list(ListType.MULTI_USE, code=CODE)
    port = databases.free_port()
    own = f"http://{databases.HOST}:{port}"
    several = ["--processes", "2"] if databases.cluster is not None else []
    parent = server._serve("up", {"PROMINT_METRICS": f"{databases.HOST}:{port}"}, *several)
    for n in range(20):  # on connections of their own, so that both processes get some
        body = {"code": CODE, "customer": f"{CUSTOMER}-{n % 10}"}
        client = server.client(server.claim_key)
        assert client.post("/claims", json=body).status_code in (201, 409)
    assert server.claims.post("/validations", json={"code": "x", "customer": "y"}).is_success

    def figures() -> Figures:
        return Figures(asked(own).text)

    def is_counted() -> bool:
        return figures().sum("promint_answers_total", part="claims", status="409") == 10

    wait_until(is_counted, ANSWERS_WITHIN)
    assert figures().sum("promint_claims_total", verdict="claimed") == 10
    assert figures().sum("promint_claims_total", verdict="already_claimed_by_customer") == 10
    assert figures().sum("promint_validations_total", verdict="code_not_found") == 1
    assert figures().sum("promint_claim_group_size_sum") == 21
    wait_until(lambda: figures().sum("promint_commit_seconds_count", of="other") > 0, 30)
    (web, *_) = [
        pid
        for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        if b"worker" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]
    os.kill(int(web), signal.SIGKILL)
    wait_until(lambda: figures().sum("promint_restarts_total") == 1, 30)
    assert figures().sum("promint_claims_total", verdict="claimed") == 10
    text = asked(own).text
    assert "canary" not in text.lower()
    for sample in Figures(text).samples:
        for label, value in sample.labels.items():
            assert label not in LABELS or value in LABELS[label], sample
    named = {re.sub("_(bucket|sum|count)$", "", sample.name) for sample in Figures(text).samples}
    documented = rows(section("docs/operations.md", "## Figures"))
    assert {words_in(name)[0]: set(words_in(labels)) for name, labels, _ in documented} == {
        name: Figures(text).labels_of(name) for name in named
    }
    assert asked(server.url).status_code == 404


def test_on_the_main_port_the_token_is_needed(server: Server) -> None:
    server.web(PROMINT_METRICS=f"token:{TOKEN}")
    for token in ("", TOKEN[:-1], f"{TOKEN}x", "naïve"):
        answer = asked(server.url, token)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    answer = asked(server.url, TOKEN)
    assert answer.status_code == 200
    build = next(s for s in Figures(answer.text).samples if s.name == "promint_build_info")
    assert build.labels["database"] == connection.vendor
    assert Figures(answer.text).sum("promint_database_up") == 1
    assert httpx.post(f"{server.url}/metrics", trust_env=False).status_code == 405


def test_an_address_that_is_used_already_stops_the_start_with_a_sentence(server: Server) -> None:
    with socket.create_server((databases.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        server.environment["PROMINT_METRICS"] = f"{databases.HOST}:{port}"
        done = server.run("web", "--port", str(databases.free_port()))
    assert done.returncode == 1
    assert re.fullmatch(
        rf"promint: PROMINT_METRICS: {databases.HOST}:{port} cannot be used: [\w ]+\.\n",
        done.stderr,
    )


def test_what_waits_for_workers_is_counted_with_its_age() -> None:
    nothing = facts.now()
    assert {queue.waiting for queue in nothing.queues.values()} == {0}
    promo_list = factories.a_list()
    factories.a_batch(promo_list, 3)
    batch = factories.a_pending_batch(promo_list, 3, notify=["a@example.com", "b@example.com"])
    alerts.queue(batch, "failed")
    Mail.objects.filter(address="a@example.com").update(created_at=now() - timedelta(hours=1))
    webhook, _ = endpoints.create("https://example.com/hook", ["batch.active"], "test")
    Delivery.objects.create(
        webhook=webhook, list_id=7, event="batch.active", event_id="evt", body="{}",
        created_at=now() - timedelta(minutes=5), due_at=now(),
    )  # fmt: skip
    found = facts.now()
    assert found.queues["generation"].waiting == 1
    assert found.queues["alert_mail"].waiting == 2
    assert 3600 <= found.queues["alert_mail"].oldest_seconds < 3700
    assert found.queues["webhook"].waiting == 1
    assert 300 <= found.queues["webhook"].oldest_seconds < 400
    assert found.rows["generated", "created"] == Batch.objects.get(status="active").created == 3
    webhook.status = "paused"
    webhook.save()
    assert facts.now().queues["webhook"].waiting == 0


def test_a_web_process_that_is_told_to_end_leaves_no_figures_behind(
    server: Server, tmp_path: Path
) -> None:
    process = server.web(PROMINT_METRICS=f"token:{TOKEN}", TMPDIR=str(tmp_path))
    assert list(tmp_path.glob("promint-metrics-*"))
    assert end(process) == 0
    assert not list(tmp_path.glob("promint-metrics-*"))
