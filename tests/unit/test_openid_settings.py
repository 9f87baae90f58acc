"""PROMINT_OIDC_…: the company's own sign-in."""

from pathlib import Path

import pytest

from promint.accounts.roles import Role
from promint.openid_settings import OpenId, Passwords, WrongOpenId, read

GOOD = {
    "PROMINT_OIDC_ISSUER": "https://login.example.com/",
    "PROMINT_OIDC_CLIENT_ID": "promint",
    "PROMINT_OIDC_CLIENT_SECRET": "geheim",
    "PROMINT_OIDC_ROLES": "cn=promo, ou=it = admin; service=agent;",
}


def read_with(**more: str) -> OpenId:
    company = read(GOOD | {f"PROMINT_OIDC_{name}": value for name, value in more.items()})
    assert company is not None
    return company


def test_what_holds_when_only_what_is_needed_is_set() -> None:
    company = read_with()
    assert company.issuer == "https://login.example.com/"  # as the provider calls itself
    assert company.name == "login.example.com"
    assert company.scopes == ("openid", "email", "profile")
    assert (company.groups_claim, company.verified_claim) == ("groups", "email_verified")
    assert company.passwords is Passwords.OTHERS
    assert company.roles == {"cn=promo, ou=it": Role.ADMIN, "service": Role.AGENT}
    assert read({}) is None
    assert read({"PROMINT_OIDC_ISSUER": " "}) is None


def test_the_highest_role_of_all_groups_counts() -> None:
    company = read_with(ROLES="a=viewer; b=manager; c=agent")
    assert company.role_of(frozenset({"c", "b", "a", "other"})) is Role.MANAGER
    assert company.role_of(frozenset({"other"})) is None
    assert company.role_of(frozenset()) is None


def test_the_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("geheim\n")
    wanted = {n: v for n, v in GOOD.items() if n != "PROMINT_OIDC_CLIENT_SECRET"}
    company = read(wanted | {"PROMINT_OIDC_CLIENT_SECRET_FILE": str(file)})
    assert company is not None
    assert company.client_secret == "geheim"
    assert "geheim" not in repr(company)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLIENT_ID", ""),
        ("CLIENT_SECRET", ""),
        ("CLIENT_SECRET_FILE", "/nowhere"),
        ("ROLES", ""),
        ("ROLES", "service"),
        ("ROLES", "=agent"),
        ("ROLES", "service=boss"),
        ("SCOPES", "email"),
        ("SCOPES", 'openid "'),
        ("NAME", "Two\nlines"),
        ("PASSWORDS", "some"),
    ],
)
def test_a_bad_value_is_named_and_the_secret_is_not(name: str, value: str) -> None:
    with pytest.raises(WrongOpenId) as stopped:
        read_with(**{name: value})
    assert str(stopped.value).startswith(f"PROMINT_OIDC_{name}")
    assert str(stopped.value).endswith(".")
    assert "geheim" not in str(stopped.value)
