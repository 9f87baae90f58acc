"""Handing out over HTTP: most requests are answered before Django, as Django would answer them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from promint.accounts import keys
from promint.accounts.roles import Scope
from promint.core.models import Handout, PromoList
from promint.core.rules import HandoutRules, ListType
from tests.factories import ACTOR, a_batch, a_key, a_list
from tests.servers import Server, wait_until
from tests.soundness import assert_every_invariant_holds

BY_DJANGO = {"Idempotency-Key": "once"}  # with a key, Django answers


class Shop:
    def __init__(self, web: Server, *scopes: Scope) -> None:
        self._url, self._key = web.url, a_key(*(scopes or [Scope.CLAIM]))

    def ask(self, promo_list: PromoList | str, sent: Any, **more: str) -> httpx.Response:
        list_id = promo_list if isinstance(promo_list, str) else promo_list.public_id
        body = {"content": sent} if isinstance(sent, bytes) else {"json": sent}
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        url = f"{self._url}/api/v1/lists/{list_id}/handouts"
        return httpx.post(url, headers={**headers, **more}, timeout=120, trust_env=False, **body)


def stocked(quantity: int = 3, **more: Any) -> PromoList:
    promo_list = a_list(**more)
    a_batch(promo_list, quantity)
    return promo_list


def test_the_same_person_gets_the_same_code_from_both(web: Server) -> None:
    shop, promo_list = Shop(web), stocked()
    first = shop.ask(promo_list, {"recipient": "cust-1"})
    assert first.status_code == 201
    again = shop.ask(promo_list, {"recipient": "cust-1"})
    by_django = shop.ask(promo_list, {"recipient": "cust-1"}, **BY_DJANGO)
    assert again.status_code == by_django.status_code == 200
    assert first.json() == again.json() == by_django.json()
    assert Handout.objects.get().actor.startswith("key:key_")
    for name in ("content-type", "cache-control", "x-content-type-options"):
        assert first.headers[name] == by_django.headers[name]
    log = web.log.read_text()  # Django logs what it answers
    assert by_django.headers["x-request-id"] in log
    assert first.headers["x-request-id"] not in log
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert_every_invariant_holds()


@pytest.mark.parametrize(
    "sent",
    [
        {"recipient": ""},
        {"recipient": "x" * 256},
        {"recipient": 5},
        {"recipient": "cust-1", "colour": "red"},
        {"early": True},
        b'{"recipient": "cust-1", "recipient": "cust-2"}',
        b'{"recipient": "cust-1", "early": 1}',
        b'{"recipient": "\\ud800"}',
        b'{"recipient": "cust-1"',
        b"",
    ],
)
def test_what_cannot_be_used_is_refused_as_ever(web: Server, sent: Any) -> None:
    shop, promo_list = Shop(web), stocked()
    shop.ask(promo_list, {"recipient": "known"})  # the key is remembered from now on
    refused = shop.ask(promo_list, sent)
    by_django = shop.ask(promo_list, sent, **BY_DJANGO)
    assert refused.status_code == 422
    assert refused.json()["fields"] == by_django.json()["fields"]
    assert Handout.objects.count() == 1


def test_refusals_say_why(web: Server) -> None:
    shop, promo_list = Shop(web), stocked(1)
    assert shop.ask(promo_list, {"recipient": 'with "quotes"'}).status_code == 201
    later = stocked(starts_in=timedelta(days=1))
    for asked, sent, error in (
        (promo_list, {"recipient": "cust-2"}, "no_codes_left"),
        (later, {"recipient": "cust-1"}, "code_not_active"),
        (a_list(ListType.MULTI_USE), {"recipient": "cust-1"}, "wrong_list_type"),
        ("lst_0", {"recipient": "cust-1"}, "not_found"),
    ):
        assert shop.ask(asked, sent).json()["error"] == error
    assert shop.ask(later, {"recipient": "cust-1", "early": True}).status_code == 201


def test_a_key_that_was_revoked_gets_nothing_more(web: Server) -> None:
    key, shown = keys.create("Shop", [Scope.CLAIM], ACTOR)
    shop, promo_list = Shop(web), stocked()
    shop._key = shown
    assert shop.ask(promo_list, {"recipient": "cust-1"}).status_code == 201
    keys.revoke(key.public_id, ACTOR)
    wait_until(lambda: shop.ask(promo_list, {"recipient": "cust-2"}).status_code == 401, 10)
    shop._key = "pmk_invented"
    assert shop.ask(promo_list, {"recipient": "cust-3"}).status_code == 401


def test_many_at_once_get_a_code_each_and_one_person_gets_one(web: Server) -> None:
    shop, promo_list = Shop(web), stocked(40)
    names = [f"cust-{n % 40}" for n in range(80)] + ["late"] * 3
    with ThreadPoolExecutor(32) as callers:
        answers = list(callers.map(lambda one: shop.ask(promo_list, {"recipient": one}), names))
    codes: dict[str, set[str]] = {}
    for name, answer in zip(names, answers, strict=True):
        codes.setdefault(name, set()).add(answer.json().get("code", answer.json().get("error")))
    assert all(len(one) == 1 for one in codes.values())
    given = [next(iter(one)) for one in codes.values()]
    assert given.count("no_codes_left") == 1
    assert len(set(given)) == 41
    assert sum(answer.status_code == 201 for answer in answers) == 40
    assert_every_invariant_holds()


def test_whoever_may_have_several_gets_as_many_as_asked_for(web: Server) -> None:
    shop, promo_list = Shop(web), stocked(9, handout=HandoutRules(per_recipient=3))
    with ThreadPoolExecutor(5) as callers:
        answers = list(callers.map(lambda _: shop.ask(promo_list, {"recipient": "c"}), range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201, 201, 201]
    assert Handout.objects.count() == 3
    assert_every_invariant_holds()
