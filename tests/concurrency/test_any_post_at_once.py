"""The same POST sent many times at the same moment; and without a key, as a control."""

from functools import partial

import pytest
from django.http import HttpResponse

from promint.accounts.roles import Scope
from promint.core.models import Batch, KeptAnswer, Offer
from tests.api import Api
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
