"""The same POST sent many times at the same moment; and without a key, as a control."""

from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from promint.accounts.roles import Scope
from promint.core.models import Batch, KeptAnswer, Offer
from promint.core.rules.rules import ListType
from promint.core.uploads import looking
from tests.api import BASE, Api
from tests.at_once import all_at_once
from tests.factories import a_key, a_list
from tests.soundness import assert_every_invariant_holds

SENDERS = 12


def send(key: str, path: str, body: object, **headers: str) -> HttpResponse:
    return Api(key=key).send("POST", path, body, **headers)


@pytest.mark.parametrize(("with_key", "made"), [(True, 1), (False, SENDERS)])
def test_one_batch_with_a_key_and_as_many_as_sent_without(with_key: bool, made: int) -> None:
    path = f"/lists/{a_list().public_id}/batches"
    headers = {"HTTP_IDEMPOTENCY_KEY": "night-run"} if with_key else {}
    deed = partial(send, a_key(Scope.MANAGE), path, {"quantity": 10}, **headers)
    answers = all_at_once([deed] * SENDERS)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == made
    replayed = [answer for answer in answers if "Idempotent-Replayed" in answer.headers]
    assert len(replayed) == (SENDERS - 1 if with_key else 0)
    assert Batch.objects.count() == made
    assert_every_invariant_holds()


def test_of_two_bodies_with_one_key_at_once_one_is_done() -> None:
    key = a_key(Scope.MANAGE)
    deeds = [
        partial(send, key, "/offers", {"name": f"Offer {n % 2}"}, HTTP_IDEMPOTENCY_KEY="offers")
        for n in range(SENDERS)
    ]
    answers = all_at_once(deeds)
    assert sorted({answer.status_code for answer in answers}) == [201, 422]
    assert Offer.objects.count() == KeptAnswer.objects.count() == 1


def send_file(path: str, key: str, idempotency_key: str) -> HttpResponse:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency_key}
    file = SimpleUploadedFile("codes.csv", b"AAA-111\nBBB-222\n")
    return Client().post(f"{BASE}{path}", {"file": file}, headers=headers)


@pytest.mark.parametrize(("keys", "statuses"), [(1, {202}), (SENDERS, {202, 503})])
def test_a_file_sent_by_all_with_one_key_is_looked_at_once(
    keys: int, statuses: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file is looked at at a time. Control: nobody waits for that here, so of those who send
    keys of their own, most are refused."""
    monkeypatch.setattr(looking, "PATIENCE", 0)
    path = f"/lists/{a_list(ListType.THIRD_PARTY).public_id}/uploads"
    key = a_key(Scope.MANAGE)
    answers = all_at_once([partial(send_file, path, key, f"{n % keys}") for n in range(SENDERS)])
    assert {answer.status_code for answer in answers} == statuses
    taken = {answer.content for answer in answers if answer.status_code == 202}
    assert len(taken) == Batch.objects.count()
    assert keys > 1 or len(taken) == 1
    assert_every_invariant_holds()
