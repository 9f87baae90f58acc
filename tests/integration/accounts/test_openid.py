"""Signing in through the company's provider: a real one, which the tests start."""

import logging
import os
import subprocess
import sys
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from promint import openid_settings
from promint.accounts import second_factor, staff
from promint.accounts.models import Staff
from promint.accounts.openid import Entered, enter
from promint.accounts.openid.under_way import Person
from promint.accounts.roles import Role
from promint.core.models import AuditEntry
from promint.core.rules import Refused
from tests.at_once import all_at_once
from tests.company_sign_in import ANNA, BACK, come, is_signed_in, refused_because, sent_away
from tests.factories import ACTOR, PASSWORD, a_member
from tests.openid_provider import CLIENT_SECRET, Provider

pytestmark = pytest.mark.same_on_both

ADMINS = "cn=promo,ou=it"


def actions() -> set[str]:
    return set(AuditEntry.objects.values_list("action", flat=True))


def test_somebody_new_gets_the_highest_role_of_their_groups(
    provider: Provider, client: Client
) -> None:
    answer = come(client)
    assert (answer.status_code, answer["Location"]) == (302, "/codes")
    assert is_signed_in(client)
    made = Staff.objects.get()
    assert (made.email, made.name, made.role, made.status) == (
        "anna@example.com",
        "Anna",
        Role.MANAGER,
        "active",
    )
    assert not made.has_usable_password()
    assert actions() == {"staff.created", "staff.linked", "staff.signed_in"}


def test_the_groups_decide_at_each_sign_in_anew(provider: Provider, client: Client) -> None:
    come(client)
    provider.person = {**ANNA, "groups": ["service"], "email": "anna.married@example.com"}
    again = Client()
    come(again)
    made = Staff.objects.get()  # known by subject, so the new address makes no second account
    assert (made.role, made.email) == (Role.AGENT, "anna@example.com")
    assert is_signed_in(again)
    assert not is_signed_in(client), "sessions with the old role have ended"


def test_without_a_group_nobody_comes_in_and_open_sessions_end(
    provider: Provider, client: Client
) -> None:
    come(client)
    provider.person = {**ANNA, "groups": ["everybody"]}
    again = Client()
    refused_because(come(again), "None of your groups")
    assert not is_signed_in(again)
    assert not is_signed_in(client)
    assert AuditEntry.objects.get(action="staff.openid_refused").after["why"] == "no_group"


def test_the_last_administrator_stays_one_whatever_the_groups_say(
    provider: Provider, client: Client
) -> None:
    provider.person = {**ANNA, "groups": [ADMINS]}
    come(client)
    provider.person = {**ANNA, "groups": ["service"]}
    again = Client()
    page = again.get(come(again)["Location"]).content.decode()
    assert "By your groups at Harbour ID you would be agent now. You stay admin" in page
    anna = Staff.objects.get()
    assert anna.role == Role.ADMIN
    kept = AuditEntry.objects.get(action="staff.role_kept")
    assert (kept.actor, kept.after) == ("openid", {"role": "admin", "role_of_groups": "agent"})
    assert staff.last_admin() == anna.id
    with pytest.raises(Refused):
        staff.change_role(anna.id, Role.VIEWER, ACTOR)
    a_member(Role.ADMIN)
    come(Client())
    anna.refresh_from_db()
    assert anna.role == Role.AGENT


def test_the_last_administrator_without_a_group_does_not_come_in_and_stays_one(
    provider: Provider, client: Client
) -> None:
    provider.person = {**ANNA, "groups": [ADMINS]}
    come(client)
    provider.person = {**ANNA, "groups": []}
    refused_because(come(Client()), "None of your groups")
    assert not is_signed_in(client)
    assert Staff.objects.get().role == Role.ADMIN
    provider.person = {**ANNA, "groups": [ADMINS]}
    assert come(client).status_code == 302


def test_who_can_sign_in_with_a_password_alone_is_no_administrator_where_passwords_are_left_out(
    provider: Provider, client: Client, settings: Settings
) -> None:
    a_member(Role.ADMIN)
    settings.OPENID = openid_settings.read(provider.settings(PROMINT_OIDC_PASSWORDS="nobody"))
    provider.person = {**ANNA, "groups": [ADMINS]}
    come(client)
    assert staff.last_admin() == Staff.objects.get(email="anna@example.com").id


def test_of_two_last_administrators_who_come_at_the_same_moment_one_stays_one(
    provider: Provider,
) -> None:
    company = openid_settings.read(provider.settings())
    assert company is not None

    def person(name: str, group: str) -> Person:
        groups = frozenset([group])
        return Person(provider.issuer, name, f"{name}@example.com", True, name, groups)

    for turn in range(5):
        for name in ("anna", "bruno"):
            enter(company, person(name, ADMINS), "")
        coming = [partial(enter, company, person(n, "service"), "") for n in ("anna", "bruno")]
        entered = all_at_once(coming)
        assert all(isinstance(one, Entered) for one in entered), (turn, entered)
        assert sorted(Staff.objects.values_list("role", flat=True)) == ["admin", "agent"]


def test_nobody_is_made_an_account_without_a_group(provider: Provider, client: Client) -> None:
    provider.person = {**ANNA, "groups": None}
    refused_because(come(client), "None of your groups")
    assert not Staff.objects.exists()


def test_groups_may_be_within_other_claims_and_in_userinfo_alone(
    provider: Provider, client: Client, settings: Settings
) -> None:
    more = {"PROMINT_OIDC_GROUPS_CLAIM": "realm.roles"}
    settings.OPENID = openid_settings.read(provider.settings(**more))
    provider.person = {**ANNA, "realm": {"roles": ["cn=promo,ou=it"]}}
    provider.in_token = {"name"}
    assert come(client).status_code == 302
    assert Staff.objects.get().role == Role.ADMIN
    assert "/userinfo" in provider.asked


def test_an_account_that_is_there_is_entered_by_its_verified_address(
    provider: Provider, client: Client
) -> None:
    there = staff.invite("anna@example.com", Role.VIEWER, "", ACTOR)
    assert come(client).status_code == 302
    there.refresh_from_db()
    assert (there.role, there.status) == (Role.MANAGER, "active")


@pytest.mark.parametrize("said", [False, None, "false", 0, "yes", ["true"], {}])
def test_an_address_that_is_not_verified_opens_no_account(
    provider: Provider, client: Client, said: object
) -> None:
    there = staff.create("anna@example.com", Role.ADMIN, PASSWORD, ACTOR)
    provider.person = {**ANNA, "sub": "thief", "email_verified": said}
    refused_because(come(client), "does not say that your e-mail address is verified")
    assert not is_signed_in(client)
    there.refresh_from_db()
    assert (there.role, there.openid_subject) == (Role.ADMIN, None)


def test_an_account_of_another_subject_is_not_entered_by_its_address(
    provider: Provider, client: Client
) -> None:
    come(client)
    provider.person = {**ANNA, "sub": "thief"}
    refused_because(come(Client()), "Somebody else at the provider")
    assert Staff.objects.get().openid_subject == f"{provider.issuer} u-1"


@pytest.mark.parametrize(
    "email", ["anna@exa\u200bmple.com", "\u212aarl@example.com", "", None, ["anna@example.com"]]
)
def test_an_address_that_only_looks_like_one_opens_no_account(
    provider: Provider, client: Client, email: object
) -> None:
    staff.create("karl@example.com", Role.ADMIN, PASSWORD, ACTOR)
    provider.person = {**ANNA, "email": email}
    refused_because(come(client), "tells Promint no e-mail address")


def test_the_address_is_not_verified_by_a_claim_from_elsewhere(
    provider: Provider, client: Client
) -> None:
    staff.create("anna@example.com", Role.ADMIN, PASSWORD, ACTOR)
    provider.in_token, provider.in_userinfo = {"email_verified", "groups"}, {"email"}
    refused_because(come(client), "does not say that your e-mail address is verified")
    provider.in_token, provider.in_userinfo = {"email", "groups"}, {"email_verified"}
    assert come(Client()).status_code == 403
    assert not Staff.objects.exclude(openid_subject=None).exists()


def test_who_was_deactivated_stays_out_until_reactivated(
    provider: Provider, client: Client
) -> None:
    come(client)
    staff.deactivate(Staff.objects.get().id, ACTOR)
    assert not is_signed_in(client)
    refused_because(come(client), "deactivated")
    staff.reactivate(Staff.objects.get().id, ACTOR)
    assert come(client).status_code == 302


def test_a_second_factor_of_ours_is_not_asked_for_after_the_provider(
    provider: Provider, client: Client
) -> None:
    Staff.objects.create(email="boss@example.com", role=Role.ADMIN, second_factor_demanded=True)
    assert second_factor.is_demanded()
    come(client)
    assert Staff.objects.get(email="anna@example.com").must_set_up_second_factor
    assert is_signed_in(client)


# --- what is asked of the provider


def test_the_request_has_state_nonce_and_a_challenge(provider: Provider, client: Client) -> None:
    begun = urlsplit(client.get("/login/openid")["Location"])
    asked = {name: values[0] for name, values in parse_qs(begun.query).items()}
    assert asked["tenant"] == "1"
    assert asked["redirect_uri"] == BACK
    assert asked["scope"] == "openid email profile"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[one]) for one in ("state", "nonce", "code_challenge")) >= 43


def test_the_description_and_the_keys_are_asked_for_once(provider: Provider) -> None:
    for _ in range(3):
        come(Client())
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/keys") == 1


def test_the_secret_goes_into_the_form_where_the_provider_wants_it(
    provider: Provider, client: Client
) -> None:
    provider.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert come(client).status_code == 302


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_a_description_that_cannot_be_trusted_is_not_used(
    provider: Provider, client: Client, described: dict[str, object]
) -> None:
    provider.described = described
    assert client.get("/login/openid").status_code == 503


def test_while_the_provider_is_down_a_password_signs_in(
    provider: Provider, client: Client, settings: Settings
) -> None:
    there = a_member(Role.ADMIN)
    settings.OPENID = openid_settings.read(
        provider.settings(PROMINT_OIDC_ISSUER="http://127.0.0.1:1/down")
    )
    answer = client.get("/login/openid", {"next": "/codes"})
    assert answer.status_code == 503
    assert "Harbour ID does not answer" in answer.content.decode()
    sent = {"username": there.email, "password": PASSWORD, "next": "/codes"}
    assert client.post("/login", sent)["Location"] == "/codes"


def test_neither_secret_nor_code_nor_token_is_logged(
    provider: Provider, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    location = sent_away(client)
    provider.person = {**ANNA, "nonce": "another"}
    client.get(location)
    come(Client())
    assert "cannot be used: its ID token has a wrong nonce" in caplog.text
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name != "werkzeug")
    code = parse_qs(urlsplit(location).query)["code"][0]
    for secret in (CLIENT_SECRET, code, *provider.given):
        assert secret not in ours
    assert CLIENT_SECRET not in repr(openid_settings.read(provider.settings()))


# --- passwords beside it


def test_who_has_come_through_the_provider_uses_no_password_any_more(
    provider: Provider, client: Client, settings: Settings
) -> None:
    there = staff.create("anna@example.com", Role.MANAGER, PASSWORD, ACTOR)
    sent = {"username": there.email, "password": PASSWORD}
    assert Client().post("/login", sent).status_code == 302
    come(client)
    answer = Client().post("/login", sent)
    assert "Your account signs in with Harbour ID" in answer.content.decode()
    wrong = Client().post("/login", {**sent, "password": "not this one at all"})
    assert "Harbour ID, and not with" not in wrong.content.decode()
    everybody = provider.settings(PROMINT_OIDC_PASSWORDS="everybody")
    settings.OPENID = openid_settings.read(everybody)
    assert Client().post("/login", sent).status_code == 302


def test_passwords_can_be_left_out(provider: Provider, client: Client, settings: Settings) -> None:
    there = a_member(Role.ADMIN)
    settings.OPENID = openid_settings.read(provider.settings(PROMINT_OIDC_PASSWORDS="nobody"))
    assert b'name="password"' not in client.get("/login").content
    client.post("/login", {"username": there.email, "password": PASSWORD})
    assert not is_signed_in(client)


def test_signing_out_offers_to_sign_out_there_too(provider: Provider, client: Client) -> None:
    come(client)
    left = client.post("/logout")
    assert left["Location"] == "/login?left=provider"
    assert "sign out of Harbour ID too" in client.get(left["Location"]).content.decode()
    there = client.get("/login/openid/sign-out")["Location"]
    assert there.startswith(f"{provider.issuer}/sign-out?")
    assert httpx.get(there, trust_env=False).headers["Location"] == "http://127.0.0.1:8000/login"


def test_without_a_provider_there_are_no_such_pages(client: Client) -> None:
    for page in ("", "/callback", "/sign-out"):
        assert client.get(f"/login/openid{page}").status_code == 404
    assert b"login/openid" not in client.get("/login").content


def test_what_talks_to_the_provider_is_imported_when_it_is_needed() -> None:
    look = (
        "import django, sys; django.setup(); import promint.server.asgi;"
        " from django.urls import get_resolver; get_resolver().url_patterns;"
        " print({'httpx', 'joserfc', 'fido2'} & sys.modules.keys())"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "promint.settings"}
    done = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True)
    assert done.stdout.decode().strip() == "set()", done.stderr
