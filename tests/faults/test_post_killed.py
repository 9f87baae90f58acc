"""A web process is killed between an effect and its kept answer: then either both exist or
neither."""

from pathlib import Path

import httpx
import pytest

from promint.accounts.roles import Scope
from promint.core.models import KeptAnswer, Offer
from tests.factories import a_key
from tests.servers import Server

BODY = {"name": "Free coffee"}


@pytest.mark.parametrize(
    ("place", "effects"),
    [("answered_once.before_commit", 0), ("answered_once.after_commit", 1)],
)
def test_the_retry_of_a_killed_request_makes_exactly_one(
    place: str, effects: int, tmp_path: Path
) -> None:
    headers = {"Authorization": f"Bearer {a_key(Scope.MANAGE)}", "Idempotency-Key": "offer-1"}
    with Server.on_this_database(tmp_path) as server:
        killed = server.web(PROMINT_FAILPOINT=place)
        with pytest.raises(httpx.TransportError):
            send(server.urls[0], headers)
        killed.wait(60)
        assert Offer.objects.count() == KeptAnswer.objects.count() == effects
        server.web()
        retried = send(server.urls[1], headers)
    assert retried.status_code == 201
    assert ("Idempotent-Replayed" in retried.headers) == bool(effects)
    assert Offer.objects.count() == KeptAnswer.objects.count() == 1


def send(url: str, headers: dict[str, str]) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=30) as client:
        return client.post(f"{url}/api/v1/offers", json=BODY, headers=headers)
