"""The package promint-client against a server: claims, pages, retries, webhooks."""

import asyncio
import inspect
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from promint_client import AsyncClient, Client, NotAnswered, Refused, calls, operations, webhooks
from standardwebhooks.webhooks import Webhook

from promint.accounts.roles import Scope
from promint.core.models import Claim
from promint.core.rules.rules import ListType
from tests import factories
from tests.installed import PLAIN, ROOT
from tests.installed import run as run_program
from tests.servers import Server

pytestmark = pytest.mark.same_on_both

PACKAGE = ROOT / "clients" / "python"


@pytest.fixture
def promint(web: Server) -> Iterator[Client]:
    key = factories.a_key(Scope.CLAIM, Scope.MANAGE)
    with Client(web.url, key, trust_env=False) as client:
        yield client


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_PAUSE", 0.001)


class Between:
    """A proxy that loses what it is told to: `plan` has, for each request, None to pass it on, a
    status to answer instead of passing it on, or "lost" to pass it on and lose the answer."""

    def __init__(self, target: str, plan: list[int | str | None]) -> None:
        self.target, self.plan = target, plan
        self.keys: list[str | None] = []
        self.url = ""

    def answer(self, request: BaseHTTPRequestHandler) -> tuple[int, bytes] | None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.keys.append(request.headers["Idempotency-Key"])
        wanted = self.plan.pop(0) if self.plan else None
        if isinstance(wanted, int):
            return wanted, b"a proxy's own page"
        passed = httpx.request(
            request.command,
            self.target + request.path,
            content=body,
            headers=dict(request.headers),
            trust_env=False,
        )
        return None if wanted == "lost" else (passed.status_code, passed.content)


@contextmanager
def between(web: Server, plan: list[int | str | None]) -> Iterator[Between]:
    proxy = Between(web.url, plan)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = proxy.answer(self)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        do_GET = do_PATCH = do_POST

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield proxy
        server.shutdown()


def through(proxy: Between, **more: Any) -> Client:
    key = factories.a_key(Scope.CLAIM, Scope.MANAGE, name="Through")
    return Client(proxy.url, key, trust_env=False, **more)


def test_a_claim_its_refusal_and_the_customer_are_read_with_their_types(promint: Client) -> None:
    (code,) = factories.some_codes(1)
    assert promint.validate(code, "a/b").claimable
    claim = promint.claim(code, "a/b", key="order-1")
    assert promint.claim(code, "a/b", key="order-1") == claim == promint.read_claim(claim.id)
    assert (claim.code, claim.outcomes.points, claim.reversed_at) == (code, 100, None)
    assert claim.claimed_at.tzinfo is not None
    with pytest.raises(Refused) as refused:
        promint.claim(code, "cust-2", language="fr")
    assert (refused.value.status, refused.value.error) == (409, "code_already_claimed")
    assert refused.value.customer_message == "Ce code a déjà été utilisé."
    customer = promint.customer("a/b")
    assert (customer.points, customer.claim_count) == (100, 1)
    assert promint.read_code(code).claim == claim
    assert promint.reverse(claim.id, code="available_again").taken_back.points == 100
    assert promint.read_code(code).status == "available"
    assert promint.cancel_code(code).status == "cancelled"


def test_pages_are_read_as_far_as_somebody_iterates(
    promint: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PAGE", 2)
    codes = factories.some_codes(5)
    for code in codes:
        promint.claim(code, "cust-1")
    assert [claim.code for claim in promint.claims_of("cust-1")] == codes[::-1]
    assert next(promint.claims_of("cust-1")).code == codes[-1]
    (batch,) = {promint.read_code(code).batch for code in codes}
    assert batch is not None
    assert sorted(promint.codes_of(batch)) == sorted(codes)
    for number in range(3):
        factories.a_list(name=f"List {number}")
    assert len({one.id for one in promint.lists()}) == 4


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(web: Server) -> None:
    factories.a_list(ListType.MULTI_USE, code="SpringSale")
    with between(web, ["lost", 502, 504, 503]) as proxy, through(proxy) as client:
        claim = client.claim("SpringSale", "cust-1")
        assert len(proxy.keys) == 5
        assert len(set(proxy.keys)) == 1
        assert client.read_claim(claim.id) == claim
    assert Claim.objects.count() == 1


def test_after_the_last_try_it_says_with_which_key_to_go_on(web: Server) -> None:
    factories.a_list(ListType.MULTI_USE, code="SpringSale")
    with between(web, ["lost"] * 3) as proxy, through(proxy, tries=3) as client:
        with pytest.raises(NotAnswered) as lost:
            client.claim("SpringSale", "cust-1")
        assert lost.value.may_have_happened
        key = lost.value.idempotency_key
        assert proxy.keys == [key] * 3
        client.claim("SpringSale", "cust-1", key=key)
    assert Claim.objects.count() == 1


def test_what_may_not_be_repeated_is_not(web: Server) -> None:
    promo_list = factories.a_list(entry_cap=10)
    path = f"/lists/{promo_list.public_id}"
    with between(web, ["lost"]) as proxy, through(proxy) as client:
        with pytest.raises(NotAnswered) as lost:
            client.call("PATCH", path, {"entry_cap": 20})
        assert lost.value.may_have_happened
        assert len(proxy.keys) == 1
        assert client.read_list(promo_list.public_id).entry_cap == 20


def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    with (
        Client("http://127.0.0.1:1", "key", tries=2, trust_env=False) as client,
        pytest.raises(NotAnswered, match="ConnectError") as lost,
    ):
        client.claim("SpringSale", "cust-1", key="order-1")
    assert not lost.value.may_have_happened
    assert lost.value.idempotency_key == "order-1"


@pytest.mark.parametrize(("error", "lost"), [("outcome_unknown", True), ("busy", False)])
def test_promints_own_503_is_understood(error: str, lost: bool) -> None:
    course = calls.Course(operations.claim("SpringSale", "cust-1", None, None), tries=2)
    answer = httpx.Response(503, json={"error": error}, headers={"Retry-After": "1"})
    pause = course.answered(answer)
    assert pause is not None
    assert pause >= (0 if lost else 1)
    with pytest.raises(NotAnswered) as ended:
        course.answered(httpx.Response(503, json={"error": "busy"}))
    assert ended.value.may_have_happened is lost


def test_the_client_that_awaits_does_the_same(web: Server) -> None:
    (code,) = factories.some_codes(1)
    key = factories.a_key(Scope.CLAIM, Scope.MANAGE)

    async def story() -> list[str]:
        async with AsyncClient(web.url, key, trust_env=False) as client:
            claim = await client.claim(code, "cust-1")
            assert (await client.read_claim(claim.id)) == claim
            with pytest.raises(Refused):
                await client.claim(code, "cust-2")
            return [one.code async for one in client.claims_of("cust-1")]

    assert asyncio.run(story()) == [code]


def test_both_clients_have_the_same_methods() -> None:
    def methods(client: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(method).parameters)
            for name, method in vars(client).items()
            if inspect.isfunction(method) and not name.startswith("__")
        }

    assert methods(Client) == methods(AsyncClient)


def test_a_webhook_is_verified_and_a_forged_one_is_not() -> None:
    now = datetime.now(UTC)
    secret = "whsec_" + "c2VjcmV0" * 4
    sent = {"type": "claim.created", "timestamp": now.isoformat(), "data": {"id": "clm_1"}}
    body = json.dumps(sent).encode()
    headers = {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("msg_1", now, body.decode()),
    }
    event = webhooks.verify(secret, body, headers)
    assert (event.id, event.type, event.data) == ("msg_1", "claim.created", {"id": "clm_1"})
    assert event.timestamp == now
    for wrong in (body.replace(b"clm_1", b"clm_2"), b"{}"):
        with pytest.raises(webhooks.NotGenuine):
            webhooks.verify(secret, wrong, headers)
    with pytest.raises(webhooks.NotGenuine):
        webhooks.verify(secret, body, {})


def test_it_is_built_as_a_package_of_its_own(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    shutil.copytree(PACKAGE, sources, ignore=shutil.ignore_patterns("build", "*.egg-info"))
    pip = (sys.executable, "-m", "pip", "--quiet")
    run_program(
        *pip,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(tmp_path),
        str(sources),
    )
    (wheel,) = tmp_path.glob("promint_client-*.whl")
    run_program(*pip, "install", "--no-deps", "--target", str(tmp_path / "there"), str(wheel))
    imported = "import promint_client; print(promint_client.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", imported],
        env={**PLAIN, "PYTHONPATH": str(tmp_path / "there")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert str(tmp_path) in done.stdout, done.stderr
    assert (tmp_path / "there" / "promint_client" / "py.typed").exists()
