"""When a list's limit causes an event, when a delivery is tried again, and where it may be sent."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from promint import environment
from promint.core.rules.webhooks import (
    Allowed,
    Event,
    Stock,
    again_in,
    is_public,
    news,
    wrong_events,
    wrong_url,
)


def test_codes_beyond_the_cap_are_those_that_find_it_full_when_all_are_used() -> None:
    stock = Stock(claims=3, entry_cap=10, codes=50, handed_out=6, handed_out_gone=2)
    assert [stock.beyond_cap(more) for more in (0, 3, 4, 20)] == [0, 0, 1, 17]
    full = Stock(claims=10, entry_cap=10, codes=50, handed_out=9)
    assert full.beyond_cap(2) == 2
    assert Stock(claims=3, entry_cap=None, codes=50).beyond_cap(9) == 0


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (Stock(79, 100), Stock(80, 100), [Event.LIST_CAP_NEAR]),
        (Stock(80, 100), Stock(81, 100), []),
        (Stock(99, 100), Stock(100, 100), [Event.LIST_CAP_REACHED]),
        (Stock(0, 1), Stock(1, 1), [Event.LIST_CAP_NEAR, Event.LIST_CAP_REACHED]),
        (Stock(50, 100), Stock(50, 60), [Event.LIST_CAP_NEAR]),
        (Stock(50, 60), Stock(50, 100), []),
        (Stock(50, None), Stock(50, 50), [Event.LIST_CAP_NEAR, Event.LIST_CAP_REACHED]),
        (Stock(89, None, 100), Stock(90, None, 100), [Event.LIST_LOW_STOCK]),
        (Stock(80, None, 100, 9), Stock(80, None, 100, 10), [Event.LIST_LOW_STOCK]),
        (Stock(0, None, 100, 9, 80), Stock(0, None, 100, 9, 81), [Event.LIST_LOW_STOCK]),
        (Stock(50, None, 100, 0, 90, 50), Stock(90, None, 100, 0, 90, 90), []),
        (Stock(20, None, 100, 9, 60), Stock(20, None, 100, 10, 60), [Event.LIST_LOW_STOCK]),
        (Stock(20, None, 100, 0, 70, 1), Stock(20, None, 100, 0, 70), [Event.LIST_LOW_STOCK]),
        (Stock(90, None, 100), Stock(91, None, 100), []),
        (Stock(0, None, 0), Stock(0, None, 100), []),
        (Stock(10, None, None), Stock(11, None, None), []),
    ],
)
def test_a_limit_causes_an_event_when_it_is_reached_and_was_not_before(
    before: Stock, after: Stock, told: list[Event]
) -> None:
    assert news(before, after) == told


def test_tries_follow_the_specification_and_end_after_three_days() -> None:
    waits = [wait for failures in range(1, 12) if (wait := again_in(failures, 0)) is not None]
    assert waits[:3] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
    assert timedelta(days=3) <= sum(waits, timedelta()) <= timedelta(days=3, hours=6)
    assert again_in(len(waits) + 1, 0) is None
    spread = again_in(2, 1)
    assert spread is not None
    assert waits[1] < spread <= waits[1] * 1.1


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *(
            "0.0.0.0",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fec0::1",
            "fc00::1",
        ),
        *("ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
    ],
)
def test_addresses_that_are_not_public_are_known(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not Allowed().may_connect("shop.example", ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses_may_be_connected_to(address: str) -> None:
    assert Allowed().may_connect("shop.example", ip_address(address))


def test_what_is_allowed_by_name_may_be_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMINT_WEBHOOK_ALLOW", "10.1.0.0/16, 127.0.0.1 fd00::/8,Hooks.internal")
    allowed = environment.webhook_allow()
    assert allowed.may_connect("a.example", ip_address("10.1.2.3"))
    assert not allowed.may_connect("a.example", ip_address("10.2.2.3"))
    assert allowed.may_connect("a.example", ip_address("127.0.0.1"))
    assert not allowed.may_connect("a.example", ip_address("127.0.0.2"))
    assert allowed.may_connect("a.example", ip_address("fd00::1"))
    assert allowed.may_connect("hooks.internal", ip_address("192.168.0.1"))
    assert not allowed.may_connect("other.internal", ip_address("192.168.0.1"))


@pytest.mark.parametrize(
    "url",
    [
        *("", "shop.example", "ftp://shop.example", "https://", "https://shop.example/#part"),
        *("https://user:pw@shop.example", "https://shop.example:port/", "https://[::1/"),
        *("https://127.0.0.1/", "http://[::1]/", "http://localhost:80/", "http://a.localhost/"),
        *("https://shöp.example/", "https://shop.example/a b", "http://169.254.169.254/latest"),
        "https://shop.example/" + "a" * 2_000,
    ],
)
def test_addresses_that_cannot_be_an_endpoint_are_refused_with_a_sentence(url: str) -> None:
    assert (wrong_url(url, Allowed()) or "").endswith(".")


def test_addresses_that_can_be_an_endpoint_are_taken() -> None:
    assert wrong_url("https://shop.example/hooks?a=1", Allowed()) is None
    assert wrong_url("http://127.0.0.1:8080/", Allowed(("127.0.0.1/32",))) is None
    assert wrong_url("http://localhost/", Allowed(hosts=frozenset({"localhost"}))) is None


def test_events_are_named_from_what_there_is() -> None:
    assert wrong_events(["claim.created", "list.cap_near"]) is None
    assert "claim.created" in (wrong_events([]) or "")
    assert "'claim.made'" in (wrong_events(["claim.created", "claim.made"]) or "")
