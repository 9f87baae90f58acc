"""Every POST of the management API, sent many times at the same moment over HTTP with one key."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from promint.accounts.roles import Scope
from promint.core.models import Batch
from promint.core.rules.rules import ListType
from tests.api import BASE, Api
from tests.factories import a_key, a_list
from tests.integration.api.test_any_post_twice import DEEDS, FILES
from tests.servers import Server
from tests.soundness import assert_every_invariant_holds

SENDERS = 8
CODES = b"AAA-111\nBBB-222\n"
WITH_KEY = {"Idempotency-Key": "sent-by-all"}


def all_send(web: Server, path: str, *headers: dict[str, str], **body: Any) -> list[httpx.Response]:
    """One request from each of eight callers, with these headers each."""

    def send(place: int) -> httpx.Response:
        own = headers[place % len(headers)]
        url = f"{web.url}{BASE}{path}"
        return httpx.post(url, headers=own, timeout=120, trust_env=False, **body)

    with ThreadPoolExecutor(SENDERS) as callers:
        return list(callers.map(send, range(SENDERS)))


def assert_one_answer(answers: list[httpx.Response]) -> None:
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1, answers
    assert answers[0].status_code in (200, 201, 202), answers[0].text
    replayed = [answer for answer in answers if "Idempotent-Replayed" in answer.headers]
    assert len(replayed) == SENDERS - 1
    assert_every_invariant_holds()


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_all_who_send_one_key_get_the_one_answer(
    web: Server, deed: Callable[[Api], tuple[str, Any]]
) -> None:
    path, body = deed(Api(Scope.MANAGE))
    headers = {"Authorization": f"Bearer {a_key(Scope.MANAGE)}", **WITH_KEY}
    sent = b"" if body is None else json.dumps(body).encode()
    headers["Content-Type"] = "application/json"
    assert_one_answer(all_send(web, path, headers, content=sent))


@pytest.mark.parametrize("path", sorted(FILES))
def test_all_who_send_one_file_with_one_key_get_the_one_answer(web: Server, path: str) -> None:
    path = path.replace("{id}", a_list(_type_for(path)).public_id)
    headers = {"Authorization": f"Bearer {a_key(Scope.MANAGE)}", **WITH_KEY}
    files = {"file": ("codes.csv", CODES)}
    assert_one_answer(all_send(web, path, headers, files=files))


def test_different_files_at_once_are_all_taken(web: Server) -> None:
    """Control: without a common key, each of them is a request of its own."""
    path = f"/lists/{a_list(ListType.THIRD_PARTY).public_id}/uploads"
    key = a_key(Scope.MANAGE)
    headers = [
        {"Authorization": f"Bearer {key}", "Idempotency-Key": f"sent-{n}"} for n in range(SENDERS)
    ]
    answers = all_send(web, path, *headers, files={"file": ("codes.csv", CODES)})
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == Batch.objects.count() == SENDERS


def _type_for(path: str) -> ListType:
    return ListType.SINGLE_USE if "handouts" in path else ListType.THIRD_PARTY
