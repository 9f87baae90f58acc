"""What a receiver hears of the limits of a list: from a call of the API, by a worker, over HTTP."""

from datetime import timedelta
from typing import Any

from django.conf import LazySettings

from promint.core.events import endpoints
from promint.core.rules import Allowed, HandoutRules, ListType
from tests.factories import ACTOR, a_batch, a_list, claim
from tests.receivers import Receiver, receiving
from tests.servers import Server, wait_until

LIMITS = ["list.cap_near", "list.cap_reached", "list.ends_soon", "list.low_stock"]
COUNTS = {"claim_count", "status"}  # as they were when it happened


def test_a_receiver_hears_of_every_limit_with_the_list_as_it_is(
    web: Server, settings: LazySettings
) -> None:
    settings.WEBHOOK_ALLOW = Allowed(("127.0.0.1/32",))
    rules = HandoutRules(valid_days=1)
    handing_out = a_list(handout=rules, ends_in=timedelta(days=2))
    a_batch(handing_out, 10)
    capped = a_list(ListType.MULTI_USE, code="SpringSale", entry_cap=5)
    with receiving(Receiver()) as receiver, web.client(web.manage_key) as shop:
        _, secret = endpoints.create(receiver.url, [*LIMITS, "code.handed_out"], ACTOR)
        path = f"/lists/{handing_out.public_id}/handouts"
        given = [shop.post(path, json={"recipient": f"c-{n}"}).json() for n in range(9)]
        for number in range(5):
            claim("springsale", f"cust-{number}")
        web.worker(PROMINT_WEBHOOK_ALLOW="127.0.0.1")
        wait_until(lambda: len(receiver.received) >= len(given) + len(LIMITS), 60)
        lists = {one["id"]: one for one in shop.get("/lists").json()["items"]}
    told: list[tuple[str, dict[str, Any]]] = [
        (body["type"], body["data"]) for body in receiver.verified(secret)
    ]
    handed_out = [data for event, data in told if event == "code.handed_out"]
    assert [one | {"claimed_at": None} for one in handed_out] == given
    assert all(one["ends_at"] is not None for one in handed_out)
    about_lists = {event: data for event, data in told if event.startswith("list.")}
    assert sorted(about_lists) == LIMITS
    assert [about_lists[event]["claim_count"] for event in LIMITS] == [4, 5, 0, 0]
    assert [about_lists[event]["status"] for event in LIMITS] == [
        *("active", "completed", "active", "active")
    ]
    assert about_lists["list.low_stock"]["id"] == handing_out.public_id
    assert about_lists["list.cap_near"]["id"] == capped.public_id
    for data in about_lists.values():
        assert "code" not in data
        of_api = lists[data["id"]]
        same = data.keys() & of_api.keys() - COUNTS
        assert {name: data[name] for name in same} == {name: of_api[name] for name in same}
