"""The environment: what an operator may set, and that a wrong value is named."""

import os
import re
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from promint import environment, s3_settings, setting_names
from promint.environment import BadSetting

SOURCES = list(Path(environment.__file__).parent.rglob("*.py"))
READERS: dict[str, Callable[[], object]] = {
    "PROMINT_DATA_DIR": environment.data_dir,
    "PROMINT_DATABASE_URL": lambda: environment.database(Path("data")),
    "PROMINT_SECRET_KEY": lambda: environment.secret_key(Path("data")),
    "PROMINT_BASE_URL": environment.base_url,
    "PROMINT_EMAIL_URL": environment.email_url,
    "PROMINT_EMAIL_FROM": environment.email_from,
    "PROMINT_TIME_ZONE": environment.time_zone,
    "PROMINT_POINT_VALUE": environment.point_value,
    "PROMINT_SESSION_IDLE_HOURS": environment.session_idle,
    "PROMINT_ORGANISATION": environment.organisation,
    "PROMINT_CLAIM_URL": environment.claim_url,
    "PROMINT_WEBHOOK_ALLOW": environment.webhook_allow,
    "PROMINT_APPROVE_ABOVE": environment.approve_above,
    "PROMINT_METRICS": environment.metrics,
    "PROMINT_LOG_FORMAT": environment.log_format,
    "PROMINT_OIDC_ISSUER": environment.openid,
    "PROMINT_OIDC_ROLES": environment.openid,
    "PROMINT_FILES_URL": lambda: environment.files_url(environment.database(Path("data"))),
}


BAD_VALUES = [
    ("PROMINT_DATA_DIR", "/dev/null/data"),
    ("PROMINT_DATABASE_URL", "mysql://user@host/promint"),
    ("PROMINT_DATABASE_URL", "postgresql://user:pw@host:port/promint"),
    ("PROMINT_DATABASE_URL", "postgresql://user:pw@host:99999/promint"),
    ("PROMINT_DATABASE_URL", "postgresql://user:pw@host"),
    ("PROMINT_DATABASE_URL", "postgresql://[host/promint"),
    ("PROMINT_DATABASE_URL", "postgresql://user:pw@db1:5432,db2:port/promint"),
    ("PROMINT_DATABASE_URL", "postgresql://user:pw@db1,db2/promint?target_session_attrs=any"),
    ("PROMINT_DATABASE_URL", "promint"),
    ("PROMINT_DATABASE_URL", "postgresql://user:pw@host/promint?pool=5"),
    ("PROMINT_SECRET_KEY", "short"),
    ("PROMINT_SECRET_KEY", ""),
    ("PROMINT_BASE_URL", "promo.example.com"),
    ("PROMINT_BASE_URL", "ftp://promo.example.com"),
    ("PROMINT_BASE_URL", "https://"),
    ("PROMINT_BASE_URL", "https://promo.example.com/sub"),
    ("PROMINT_BASE_URL", "https://promo.example.com/?a=b"),
    ("PROMINT_BASE_URL", "https://promo.example.com:port"),
    ("PROMINT_EMAIL_URL", "mail.example.com"),
    ("PROMINT_EMAIL_URL", "http://mail.example.com"),
    ("PROMINT_EMAIL_URL", "smtp://"),
    ("PROMINT_EMAIL_URL", "smtp://mail.example.com:port"),
    ("PROMINT_EMAIL_FROM", "promint"),
    ("PROMINT_EMAIL_FROM", "promint@example.com\nBcc: all@example.com"),
    ("PROMINT_TIME_ZONE", "Mars/Phobos"),
    ("PROMINT_TIME_ZONE", "../../etc/passwd"),
    ("PROMINT_TIME_ZONE", "Europe"),
    ("PROMINT_CLAIM_URL", "shop.example/{code}"),
    ("PROMINT_CLAIM_URL", "https://shop.example/redeem"),
    ("PROMINT_CLAIM_URL", "https://{code}.example/"),
    ("PROMINT_CLAIM_URL", "https://shop.example/{code}/{code}"),
    ("PROMINT_CLAIM_URL", "https://shop.example:port/{code}"),
    ("PROMINT_APPROVE_ABOVE", "many"),
    ("PROMINT_APPROVE_ABOVE", "-1"),
    ("PROMINT_LOG_FORMAT", "xml"),
    ("PROMINT_OIDC_ISSUER", "login.example.com"),
    ("PROMINT_OIDC_ISSUER", "http://login.example.com"),
    ("PROMINT_OIDC_ISSUER", "https://user:pw@login.example.com"),
    ("PROMINT_OIDC_ISSUER", "https://login.example.com:port"),
    ("PROMINT_OIDC_ISSUER", "https://login.example.com/?tenant=1"),
    ("PROMINT_OIDC_ROLES", "promo-admins=admin"),
    ("PROMINT_METRICS", "9090"),
    ("PROMINT_METRICS", "127.0.0.1"),
    ("PROMINT_METRICS", "127.0.0.1:0"),
    ("PROMINT_METRICS", "127.0.0.1:99999"),
    ("PROMINT_METRICS", "http://127.0.0.1:9090"),
    ("PROMINT_METRICS", "127.0.0.1:9090/metrics"),
    ("PROMINT_METRICS", "token:"),
    ("PROMINT_METRICS", "token:two words"),
    ("PROMINT_WEBHOOK_ALLOW", "10.0.0.0/33"),
    ("PROMINT_WEBHOOK_ALLOW", "10.0.0.256"),
    ("PROMINT_WEBHOOK_ALLOW", "http://hooks.internal"),
    ("PROMINT_WEBHOOK_ALLOW", "10.0.0.1;10.0.0.2"),
    ("PROMINT_POINT_VALUE", "0.01"),
    ("PROMINT_POINT_VALUE", "cheap USD"),
    ("PROMINT_POINT_VALUE", "0 USD"),
    ("PROMINT_POINT_VALUE", "-0.01 USD"),
    ("PROMINT_POINT_VALUE", "NaN USD"),
    ("PROMINT_POINT_VALUE", "Infinity USD"),
    ("PROMINT_POINT_VALUE", "0.01 usd"),
    ("PROMINT_POINT_VALUE", "0.01 dollars"),
    ("PROMINT_ORGANISATION", "Example\nBcc: all@example.com"),
    ("PROMINT_FILES_URL", "ftp://files.example"),
    ("PROMINT_FILES_URL", "s3://bucket"),  # with SQLite
]


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_bad_value_stops_the_start_with_a_sentence_that_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as stopped:
        READERS[name]()
    assert str(stopped.value).startswith(name)
    assert str(stopped.value).endswith(".")


@pytest.mark.parametrize(("name", "value"), BAD_VALUES)
def test_a_bad_value_is_among_all_problems(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMINT_DATA_DIR", str(tmp_path))
    assert environment.problems() == []
    monkeypatch.setenv(name, value)
    (said,) = environment.problems()
    assert said.startswith(name)


def test_a_password_is_never_part_of_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROMINT_DATABASE_URL", "PROMINT_EMAIL_URL"):
        monkeypatch.setenv(name, "smtp://user:geheim@host:port")
        with pytest.raises(BadSetting) as stopped:
            READERS[name]()
        assert "geheim" not in str(stopped.value)
    monkeypatch.setenv("PROMINT_METRICS", "tokn:geheim")
    with pytest.raises(BadSetting) as stopped:
        environment.metrics()
    assert "geheim" not in str(stopped.value)


def test_what_holds_when_nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*READERS, "PROMINT_ORGANISATION"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert environment.data_dir() == tmp_path / "data"
    assert environment.database(tmp_path)["NAME"] == str(tmp_path / "promint.sqlite3")
    assert environment.base_url() == "http://127.0.0.1:8000"
    assert environment.email_url() is None
    assert environment.email_from() == "promint@localhost"
    assert environment.organisation() == ""
    assert environment.time_zone() == "UTC"
    assert environment.point_value() is None


def test_the_data_directory_is_made_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMINT_DATA_DIR", str(tmp_path / "a" / "b"))
    assert stat.S_IMODE(environment.data_dir().stat().st_mode) == 0o700


def test_a_postgresql_address_may_say_how_to_trust_it(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://promint@/promo?host=/run/postgresql&sslmode=verify-full"
    monkeypatch.setenv("PROMINT_DATABASE_URL", url)
    settings = environment.database(Path("data"))
    assert settings["HOST"] == "/run/postgresql"
    assert cast(dict[str, object], settings["OPTIONS"])["sslmode"] == "verify-full"


def test_a_postgresql_address_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMINT_DATABASE_URL", "postgresql://a%40b:p%2Fw@db.example.com:5433/promo")
    found = environment.database(Path("data"))
    parts = [found[part] for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["a@b", "p/w", "db.example.com", "5433", "promo"]


def test_a_postgresql_address_may_name_several_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://promint:a%2Cb@db1.internal,[fd00::2]:5433/promo"
    monkeypatch.setenv("PROMINT_DATABASE_URL", url)
    found = environment.database(Path("data"))
    parts = [found[part] for part in ("PASSWORD", "HOST", "PORT")]
    assert parts == ["a,b", "db1.internal,fd00::2", ",5433"]


def test_a_postgresql_address_may_name_a_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, pooled in (("", False), ("?pooler=session", False), ("?pooler=transaction", True)):
        monkeypatch.setenv("PROMINT_DATABASE_URL", f"postgresql://promint@db/promo{said}")
        found = environment.database(Path("data"))
        assert (found["POOLED"], found["OPTIONS"]) == (pooled, {})
    monkeypatch.setenv("PROMINT_DATABASE_URL", "postgresql://promint@db/promo?pooler=statement")
    with pytest.raises(BadSetting, match="pooler must be session or transaction"):
        environment.database(Path("data"))


def test_files_are_in_the_database_only_with_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMINT_FILES_URL", raising=False)
    for url, place in (("sqlite:///", "directory:"), ("postgresql://db/promo", "database:")):
        found = environment.database(Path("data"), url)
        assert environment.files_url(found) == place
    monkeypatch.setenv("PROMINT_FILES_URL", "database:")
    with pytest.raises(BadSetting, match="PROMINT_FILES_URL: with SQLite"):
        environment.files_url(environment.database(Path("data"), "sqlite:///"))


def test_files_are_in_a_bucket_only_with_its_name_credentials_and_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = environment.database(Path("data"), "postgresql://db/promo")

    def refused(url: str, because: str) -> None:
        monkeypatch.setenv("PROMINT_FILES_URL", url)
        with pytest.raises(BadSetting, match=because):
            environment.files_url(found)

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for url in ("s3:", "s3://", "s3://B", "s3://user:secret@bucket", "s3://bucket?region=eu"):
        refused(url, "must be s3:// and a bucket")
    refused("s3://bucket", "no credentials for the store. Set AWS_ACCESS_KEY_ID and")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "promint")
    refused("s3://bucket", "no credentials")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    for url in ("s3://bucket", "s3://bucket/", "s3://my-bucket.example/promint/production"):
        monkeypatch.setenv("PROMINT_FILES_URL", url)
        assert environment.files_url(found) == url
    monkeypatch.setattr(s3_settings, "find_spec", lambda name: None)
    refused("s3://bucket", r"needs pip install 'promint\[s3\]'")


def test_a_point_has_a_value_and_a_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMINT_POINT_VALUE", "0.01 USD")
    assert environment.point_value() == environment.PointValue(Decimal("0.01"), "USD")


def test_a_base_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMINT_BASE_URL", "https://promo.example.com/")
    assert environment.base_url() == "https://promo.example.com"


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMINT_SECRET_KEY", raising=False)
    with ThreadPoolExecutor(8) as starts:
        secrets = set(starts.map(lambda _: environment.secret_key(tmp_path), range(64)))
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 50
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("PROMINT_DATABASE_ULR", "PROMINT_DATABASE_URL"),
        ("PROMINT_BASEURL", "PROMINT_BASE_URL"),
        ("PROMINT_SECRET", "PROMINT_SECRET_KEY"),
        ("PROMINT_TIMEZONE", "PROMINT_TIME_ZONE"),
        ("PROMINT_ORGANIZATION", "PROMINT_ORGANISATION"),
        ("promint_database_url", "PROMINT_DATABASE_URL"),
    ],
)
def test_a_mistyped_name_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, mistyped: str, meant: str
) -> None:
    monkeypatch.setenv(mistyped, "postgresql://user:pw@host/promint")
    with pytest.raises(BadSetting, match=f"{mistyped} is not a setting: write {meant}"):
        environment.names()
    assert any(mistyped in problem for problem in environment.problems())


@pytest.mark.parametrize("name", ["PROMINT_URL", "PROMINT_API_URL", "PROMINT_API_KEY", "PROMINT"])
def test_names_for_other_programs_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    environment.names()


def test_every_variable_that_is_read_is_known_by_its_name() -> None:
    read = {
        name for file in SOURCES for name in re.findall(r'"(PROMINT_[A-Z_]+)"', file.read_text())
    }
    assert read >= setting_names.KNOWN
    assert not setting_names.unknown(read)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"short\n", "at least 16 characters"), (b"", "at least 16"), (b"\xff" * 40, "is not text")],
)
def test_a_secret_in_a_file_is_checked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.delenv("PROMINT_SECRET_KEY", raising=False)
    (tmp_path / "secret-key").write_bytes(content)
    with pytest.raises(BadSetting, match=said):
        environment.secret_key(tmp_path)


def test_a_secret_is_the_same_in_a_file_with_a_line_break_and_in_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMINT_SECRET_KEY", raising=False)
    (tmp_path / "secret-key").write_text("a" * 40 + "\n")
    assert environment.secret_key(tmp_path) == "a" * 40


def test_a_secret_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMINT_SECRET_KEY", raising=False)
    (tmp_path / "secret-key").mkdir()
    with pytest.raises(BadSetting, match="secret-key cannot be used"):
        environment.secret_key(tmp_path)
