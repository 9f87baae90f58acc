"""The same races over HTTP, against one web process and, on PostgreSQL, against two."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from promint.accounts.roles import Scope
from promint.core.models import Claim, KeptAnswer, ListCounter
from promint.core.rules.rules import ListType
from tests import databases
from tests.concurrency.slow_proxy import SlowProxy
from tests.factories import a_key, a_list, some_codes
from tests.servers import Server
from tests.soundness import assert_every_invariant_holds

Request = dict[str, object]  # what httpx.post takes besides the URL


@pytest.fixture(
    params=[1, 2],
    ids=["one process", "two processes"],
)
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    if request.param > 1:
        request.getfixturevalue("on_postgresql")  # SQLite has one web process
    with Server.on_this_database(tmp_path) as server:
        for _ in range(request.param):
            server.web()
        yield server


def at_once(urls: list[str], requests: list[Request], parallel: int = 64) -> list[httpx.Response]:
    """The answers in the order of the requests, which are spread over the processes."""
    headers = {"Authorization": f"Bearer {a_key(Scope.CLAIM)}"}

    async def send_all() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=parallel)
        async with httpx.AsyncClient(
            headers=headers, limits=limits, timeout=120, trust_env=False
        ) as client:
            return await asyncio.gather(
                *(
                    client.post(f"{urls[i % len(urls)]}/api/v1/claims", **request)
                    for i, request in enumerate(requests)
                )
            )

    return asyncio.run(send_all())


def claim(code: str, customer: object, key: str | None = None) -> Request:
    headers = {} if key is None else {"Idempotency-Key": key}
    return {"json": {"code": code, "customer": f"cust-{customer}"}, "headers": headers}


def statuses(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("error", "")) for answer in answers)


def test_64_claimers_on_a_cap_of_100_get_exactly_100(processes: Server) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=100)
    answers = at_once(processes.urls, [claim("spring sale", i) for i in range(320)])
    assert statuses(answers) == {(201, ""): 100, (409, "cap_reached"): 220}
    assert Claim.objects.count() == 100
    assert ListCounter.objects.get().claims == 100
    assert_every_invariant_holds()


def test_64_claimers_on_the_codes_of_a_capped_list_get_exactly_100(processes: Server) -> None:
    codes = some_codes(300, a_list(entry_cap=100))
    answers = at_once(processes.urls, [claim(code, i) for i, code in enumerate(codes)])
    assert statuses(answers) == {(201, ""): 100, (409, "cap_reached"): 200}
    assert_every_invariant_holds()


def test_of_64_who_send_one_single_use_code_one_gets_it(processes: Server) -> None:
    for code in some_codes(5):
        answers = at_once(processes.urls, [claim(code, i) for i in range(64)])
        assert statuses(answers) == {(201, ""): 1, (409, "code_already_claimed"): 63}
    assert_every_invariant_holds()


def test_200_sends_of_one_idempotency_key_have_one_effect_and_equal_bodies(
    processes: Server,
) -> None:
    (code,) = some_codes(1)
    answers = at_once(processes.urls, [claim(code, 1, "order-1")] * 200, parallel=200)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    replayed = Counter(answer.headers.get("Idempotent-Replayed") for answer in answers)
    assert replayed == {None: 1, "true": 199}
    assert Claim.objects.count() == KeptAnswer.objects.count() == 1
    assert_every_invariant_holds()


def test_200_sends_of_one_key_with_two_bodies_claim_one_code(processes: Server) -> None:
    first, second = some_codes(2)
    requests = [claim(code, 1, "order-1") for code in (first, second)] * 100
    answers = at_once(processes.urls, requests, parallel=200)
    assert set(statuses(answers)) == {(201, ""), (422, "idempotency_key_reused")}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert Claim.objects.count() == 1


def test_equal_requests_have_one_effect_when_the_database_is_far_away(
    on_postgresql: databases.Cluster, tmp_path: Path
) -> None:
    (code,) = some_codes(1)
    with SlowProxy(on_postgresql.port, seconds=0.1) as proxy:
        server = Server.on_this_database(tmp_path)
        url = server.environment["PROMINT_DATABASE_URL"]
        server.environment["PROMINT_DATABASE_URL"] = url.replace(
            f":{on_postgresql.port}/", f":{proxy.port}/"
        )
        with server:
            server.web()
            server.web()
            answers = at_once(server.urls, [claim(code, 1, "order-1")] * 40)
            others = at_once(server.urls, [claim(code, i) for i in range(2, 42)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert statuses(others) == {(409, "code_already_claimed"): 40}
    assert Claim.objects.count() == 1
    assert_every_invariant_holds()
