"""Passkeys as a second factor, as far as no browser is needed."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from promint.accounts import passkey_places, passkeys, second_factor
from promint.accounts.allowances import UsedUp
from promint.accounts.models import Passkey, SecondFactor, Staff
from promint.accounts.roles import Role
from promint.core.models import AuditEntry
from promint.core.rules import Refused
from tests.at_once import all_at_once
from tests.authenticator import Authenticator
from tests.factories import ACTOR, PASSWORD, a_member
from tests.integration.accounts.test_second_factor import code_of, step

pytestmark = pytest.mark.same_on_both

HOST = "promo.example.com"
ORIGIN = f"https://{HOST}"


@pytest.fixture(autouse=True)
def at_home(settings: Settings) -> None:
    settings.BASE_URL = ORIGIN


def with_passkey(name: str = "Phone") -> tuple[Staff, Authenticator, list[str]]:
    member, phone = a_member(Role.VIEWER), Authenticator(ORIGIN, HOST)
    codes = added(member, phone, name)
    member.refresh_from_db()
    return member, phone, codes


def added(member: Staff, phone: Authenticator, name: str) -> list[str]:
    options, state = passkeys.ask_for_new(member)
    return passkeys.add(member.id, name, phone.made(options["publicKey"]), state, ACTOR)


def options_on(page: str) -> dict[str, Any]:
    found = re.search('data-options="([^"]+)"', page)
    assert found, page
    return dict(json.loads(unescape(found[1])))


def password_sent(member: Staff) -> tuple[Client, str]:
    browser = Client()
    answer = browser.post("/login", {"username": member.email, "password": PASSWORD})
    assert answer.status_code == 200
    return browser, answer.content.decode()


def is_signed_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def test_a_passkey_signs_in_after_the_password() -> None:
    member, phone, _ = with_passkey()
    browser, page = password_sent(member)
    assert not is_signed_in(browser)
    answer = browser.post("/login/code", {"passkey": phone.signed(options_on(page))})
    assert answer.status_code == 302
    assert is_signed_in(browser)
    key = Passkey.objects.get()
    assert key.last_used_at is not None
    assert key.counter == 1
    assert AuditEntry.objects.get(action="staff.signed_in").after["passkey"] == "Phone"


def test_an_answer_works_once_and_for_its_own_sign_in_alone() -> None:
    member, phone, _ = with_passkey()
    browser, page = password_sent(member)
    sent = {"passkey": phone.signed(options_on(page))}
    assert browser.post("/login/code", sent).status_code == 302
    other, _ = password_sent(member)
    assert other.post("/login/code", sent).status_code == 422
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://promo.example.com.evil.example"},
        {"origin": "http://promo.example.com"},
        {"challenge": "AAAA"},
        {"type": "webauthn.create"},
    ],
)
def test_an_answer_for_another_page_is_not_taken(lies: dict[str, str]) -> None:
    member, phone, _ = with_passkey()
    browser, page = password_sent(member)
    answer = browser.post("/login/code", {"passkey": phone.signed(options_on(page), **lies)})
    assert answer.status_code == 422
    assert "This passkey was not taken" in answer.content.decode()
    assert not is_signed_in(browser)
    assert AuditEntry.objects.filter(action="staff.second_factor_failed").count() == 1


def test_a_passkey_for_another_host_is_not_taken() -> None:
    member, phone, _ = with_passkey()
    browser, page = password_sent(member)
    phone.host = "evil.example"
    answer = browser.post("/login/code", {"passkey": phone.signed(options_on(page))})
    assert answer.status_code == 422


def test_somebody_elses_passkey_is_not_taken() -> None:
    member, _, _ = with_passkey()
    _, thiefs, _ = with_passkey()
    browser, page = password_sent(member)
    answer = browser.post("/login/code", {"passkey": thiefs.signed(options_on(page))})
    assert answer.status_code == 422
    assert not is_signed_in(browser)


def test_a_copy_whose_counter_stands_still_is_not_taken() -> None:
    member, phone, _ = with_passkey()
    Passkey.objects.update(counter=7)
    phone.counter = 6
    browser, page = password_sent(member)
    answer = browser.post("/login/code", {"passkey": phone.signed(options_on(page))})
    assert answer.status_code == 422
    options = options_on(answer.content.decode())  # asked anew
    assert browser.post("/login/code", {"passkey": phone.signed(options)}).status_code == 302


@pytest.mark.parametrize(
    "answer",
    ["x", "[]", "{}", "null", '{"id": 1}', '{"rawId": "AA", "response": {}}', "9" * 5000,
     '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"AA","authenticatorData":"AA","signature":"AA"}}'],
)  # fmt: skip
def test_nonsense_is_not_taken_and_breaks_nothing(answer: str) -> None:
    member, _, _ = with_passkey()
    browser, _ = password_sent(member)
    assert browser.post("/login/code", {"passkey": answer}).status_code == 422
    _, state = passkeys.ask_for_new(member)
    with pytest.raises(Refused):
        passkeys.add(member.id, "Phone", answer, state, ACTOR)


def test_tries_are_limited_like_codes() -> None:
    member, _, _ = with_passkey()
    for _ in range(9):
        assert not passkeys.judge(member, "{}", None, "192.0.2.7")
    with pytest.raises(UsedUp):
        passkeys.judge(member, "{}", None, "192.0.2.7")
    with pytest.raises(UsedUp):
        second_factor.judge(member, "000000", "192.0.2.7")


def test_the_first_one_brings_recovery_codes_and_ends_sessions() -> None:
    member, browser = a_member(Role.VIEWER), Client()
    browser.post("/login", {"username": member.email, "password": PASSWORD})
    codes = added(member, Authenticator(ORIGIN, HOST), "Phone")
    assert len(codes) == 10
    assert not is_signed_in(browser)
    assert added(member, Authenticator(ORIGIN, HOST), "Key ring") == []
    again, page = password_sent(member)
    assert "data-passkey" in page
    assert again.post("/login/code", {"code": codes[0]}).status_code == 302


def test_an_app_can_be_added_to_a_passkey() -> None:
    member, _, _ = with_passkey()
    secret = second_factor.new_secret()
    assert second_factor.turn_on(member.id, secret, code_of(secret, step()), ACTOR) == []
    SecondFactor.objects.update(last_step=0)
    browser, page = password_sent(member)
    assert "data-passkey" in page
    assert browser.post("/login/code", {"code": code_of(secret, step())}).status_code == 302


def test_a_passkey_is_what_an_administrator_demands() -> None:
    member = a_member(Role.VIEWER)
    Staff.objects.update(second_factor_demanded=True)
    browser = Client()
    browser.post("/login", {"username": member.email, "password": PASSWORD})
    assert browser.get("/")["Location"] == "/profile/two-factor"
    phone = Authenticator(ORIGIN, HOST)
    page = browser.get("/profile/passkeys").content.decode()
    asked = re.search('name="asked" value="([^"]+)"', page)
    assert asked
    sent = {"name": "Phone", "asked": asked[1], "passkey": phone.made(options_on(page))}
    wrong = browser.post("/profile/passkeys", {**sent, "current": "not my password"})
    assert wrong.status_code == 422
    assert not Passkey.objects.exists()
    done = browser.post("/profile/passkeys", {**sent, "current": PASSWORD})
    assert "Recovery codes" in done.content.decode()
    assert is_signed_in(browser), "this session goes on"


def test_what_another_person_was_asked_makes_no_passkey() -> None:
    one, other = a_member(Role.VIEWER), a_member(Role.VIEWER)
    browsers = []
    for member in (one, other):
        browsers.append(Client())
        browsers[-1].post("/login", {"username": member.email, "password": PASSWORD})
    page = browsers[0].get("/profile/passkeys").content.decode()
    asked = re.search('name="asked" value="([^"]+)"', page)
    assert asked
    made = Authenticator(ORIGIN, HOST).made(options_on(page))
    sent = {"name": "Phone", "asked": asked[1], "passkey": made, "current": PASSWORD}
    answer = browsers[1].post("/profile/passkeys", sent)
    assert "The passkey was not taken" in answer.content.decode()
    assert not Passkey.objects.exists()


def test_removing_asks_for_the_password_and_the_last_one_turns_it_off() -> None:
    member, phone, _ = with_passkey()
    browser, page = password_sent(member)
    browser.post("/login/code", {"passkey": phone.signed(options_on(page))})
    address = f"/profile/passkeys/{Passkey.objects.get().public_id}/remove"
    assert browser.post(address, {"current": "not my password"}).status_code == 422
    assert Passkey.objects.exists()
    assert browser.post(address, {"current": PASSWORD})["Location"] == "/profile/passkeys"
    assert not Passkey.objects.exists()
    assert not SecondFactor.objects.exists()
    assert not Staff.objects.get().has_second_factor
    assert is_signed_in(browser)


def test_removing_one_of_two_or_with_an_app_leaves_it_on() -> None:
    member, _, _ = with_passkey()
    added(member, Authenticator(ORIGIN, HOST), "Key ring")
    first, second = Passkey.objects.order_by("created_at")
    passkeys.remove(member.id, first.public_id, ACTOR)
    secret = second_factor.new_secret()
    second_factor.turn_on(member.id, secret, code_of(secret, step()), ACTOR)
    passkeys.remove(member.id, second.public_id, ACTOR)
    member.refresh_from_db()
    assert member.has_second_factor


def test_nobody_removes_somebody_elses() -> None:
    with_passkey()
    browser, other = Client(), a_member(Role.ADMIN)
    browser.post("/login", {"username": other.email, "password": PASSWORD})
    address = f"/profile/passkeys/{Passkey.objects.get().public_id}/remove"
    assert browser.post(address, {"current": PASSWORD}).status_code == 404
    assert Passkey.objects.exists()


def test_removing_the_second_factor_removes_passkeys() -> None:
    member, _, _ = with_passkey()
    second_factor.turn_off(member.id, "console")
    assert not Passkey.objects.exists()
    assert Client().post(
        "/login", {"username": member.email, "password": PASSWORD}
    ).status_code == 302  # fmt: skip


def test_the_same_passkey_is_added_once() -> None:
    member, phone, _ = with_passkey()
    with pytest.raises(Refused):
        added(member, phone, "Again")
    other = a_member(Role.VIEWER)
    with pytest.raises(Refused):
        added(other, phone, "Stolen")
    other.refresh_from_db()
    assert not other.has_second_factor


def test_two_first_passkeys_at_once_bring_one_set_of_recovery_codes() -> None:
    member = a_member(Role.VIEWER)
    phones = [Authenticator(ORIGIN, HOST) for _ in range(2)]
    given = all_at_once([lambda one=one: added(member, one, "Phone") for one in phones])  # type: ignore[misc]
    assert sorted(len(codes) for codes in given) == [0, 10]
    assert Passkey.objects.count() == 2


@pytest.mark.parametrize(
    ("base_url", "works"),
    [
        ("https://promo.example.com", True),
        ("https://promo.example.com:8443/shop", True),
        ("http://localhost:8000", True),
        ("http://promo.localhost", True),
        ("http://promo.example.com", False),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.7", False),
        ("https://[::1]:8000", False),
    ],
)
def test_the_page_says_where_passkeys_cannot_work(
    base_url: str, works: bool, settings: Settings, viewer: Client
) -> None:
    settings.BASE_URL = base_url
    said = passkey_places.why_not(base_url)
    assert (said is None) == works
    page = viewer.get("/profile/passkeys").content.decode()
    assert ("data-options" in page) == works
    assert said is None or said in page
