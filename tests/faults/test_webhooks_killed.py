"""A worker is killed between a delivery and its note: another continues in order, and no event
is lost."""

import json
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from promint.core.events import endpoints
from promint.core.models import Delivery
from promint.core.rules import Allowed
from promint.core.storage import database_now
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes
from tests.receivers import Receiver, receiving
from tests.servers import Server, wait_until

CLAIMS = 20


@pytest.mark.parametrize("where", ["webhooks.sent", "webhooks.before_note"])
def test_events_arrive_though_their_worker_is_killed(
    tmp_path: Path, where: str, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMINT_WEBHOOK_ALLOW", "127.0.0.1")
    settings.WEBHOOK_ALLOW = Allowed(("127.0.0.1/32",))
    with receiving(Receiver()) as receiver, Server.on_this_database(tmp_path) as server:
        wanted = shown_codes(a_batch(a_list(), CLAIMS))
        _, secret = endpoints.create(receiver.url, ["claim.created"], ACTOR)
        for code in wanted:
            claim(code)
        assert server.worker(PROMINT_FAILPOINT=where).wait(60) == -signal.SIGKILL
        assert Delivery.objects.filter(status="pending").count() == CLAIMS
        before = len(receiver.received)
        assert before >= 1
        past = database_now() - timedelta(seconds=1)
        Delivery.objects.exclude(leased_until=None).update(leased_until=past)
        server.worker()
        wait_until(lambda: not Delivery.objects.exclude(status="delivered").exists(), 60)
    bodies = receiver.verified(secret)
    sent = [body["data"]["code"] for body in bodies]
    assert sent[before:] == wanted
    assert sent[:before] == wanted[:before]
    kept = Delivery.objects.order_by("id").values_list("body", flat=True)
    assert [json.loads(body) for body in kept] == bodies[before:]
