"""Answers that nobody asked for, and providers that lie: nobody is signed in by them."""

import pytest
from django.test import Client
from joserfc import jwk

from promint.accounts.models import Staff
from promint.accounts.openid import provider as as_client
from tests.company_sign_in import ANNA, come, is_signed_in, refused_because, sent_away
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider

pytestmark = pytest.mark.same_on_both


def test_an_answer_for_another_browser_signs_nobody_in(provider: Provider) -> None:
    location = sent_away(Client())
    victim = Client()
    refused_because(victim.get(location), "begun in another browser")
    victim.get("/login/openid")
    refused_because(victim.get(location), "begun in another browser")
    assert not Staff.objects.exists()


def test_an_answer_is_taken_once(provider: Provider, client: Client) -> None:
    location = sent_away(client)
    cookies = client.cookies.output()
    assert client.get(location).status_code == 302
    client.post("/logout")
    refused_because(client.get(location), "begun in another browser")
    assert "under-way" in cookies


@pytest.mark.parametrize(
    ("claim", "lie"),
    [
        ("iss", "https://elsewhere.example"),
        ("aud", "another client"),
        ("azp", "another client"),
        ("nonce", "another"),
        ("nonce", None),
        ("exp", 1_000_000_000),
        ("exp", "soon"),
        ("iat", 1_000_000_000),
        ("iat", None),
        ("sub", ""),
        ("sub", 7),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_not_taken(
    provider: Provider,
    client: Client,
    claim: str,
    lie: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.person = {**ANNA, claim: lie}
    assert come(client).status_code == 503
    assert f"its ID token has a wrong {claim}" in caplog.text
    assert not is_signed_in(client)
    assert not Staff.objects.exists()


def test_a_token_for_several_clients_says_that_it_is_for_us(
    provider: Provider, client: Client
) -> None:
    provider.person = {**ANNA, "aud": [CLIENT_ID, "another"]}
    assert come(client).status_code == 503
    provider.person = {**ANNA, "aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert come(Client()).status_code == 302


def test_a_token_of_another_key_is_not_taken(
    provider: Provider, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    thief = jwk.RSAKey.generate_key(2048, {"kid": str(provider.publishes.kid)})
    provider.signs_with = thief
    assert come(client).status_code == 503
    assert "not signed as agreed (bad_signature" in caplog.text
    assert not Staff.objects.exists()


def test_a_token_signed_with_what_the_client_knows_is_not_taken(
    provider: Provider, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    kid = str(provider.publishes.kid)
    provider.signs_with = jwk.OctKey.import_key(CLIENT_SECRET.ljust(32, "x"), {"kid": kid})
    provider.algorithm = "HS256"
    assert come(client).status_code == 503
    assert "not signed as agreed" in caplog.text
    assert not Staff.objects.exists()


def test_new_keys_of_the_provider_are_fetched(
    provider: Provider, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    come(client)
    provider.signs_with = provider.publishes = jwk.ECKey.generate_key("P-256", auto_kid=True)
    provider.algorithm = "ES256"
    assert come(Client()).status_code == 503, "at most once a minute"
    monkeypatch.setattr(as_client, "KEYS_AGAIN_AFTER", 0)
    assert come(Client()).status_code == 302


def test_an_answer_of_another_provider_is_not_taken(provider: Provider, client: Client) -> None:
    location = sent_away(client)
    assert client.get(f"{location}&iss=https://elsewhere.example").status_code == 503
    assert "/token" not in provider.asked


def test_who_turns_back_is_told_so(provider: Provider, client: Client) -> None:
    provider.person = None
    location = sent_away(client)
    assert "error=access_denied" in location
    refused_because(client.get(location), "you turned back there")


@pytest.mark.parametrize(
    "page",
    ["https://elsewhere.example/", "//elsewhere.example", "javascript:1", "\\\\elsewhere.example"],
)
def test_no_other_site_is_led_to(provider: Provider, client: Client, page: str) -> None:
    assert come(client, page)["Location"] == "/"
