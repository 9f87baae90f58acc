"""Reads the environment once. A value that cannot be used prevents the start."""

import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parseaddr
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from promint import openid_settings, s3_settings, setting_names
from promint.core.rules import Allowed

SECRET_CHARACTERS = 16


class BadSetting(Exception):
    """A sentence that names the variable and says which values are possible."""


@dataclass(frozen=True)
class PointValue:
    amount: Decimal
    currency: str


def names() -> None:
    for name, meant in setting_names.misspelt(os.environ).items():
        raise BadSetting(f"{name} is not a setting: write {meant}, or take it away.")


def data_dir() -> Path:
    path = Path(os.environ.get("PROMINT_DATA_DIR") or "data").resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"PROMINT_DATA_DIR: {path} cannot be created ({error.strerror})."
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise BadSetting(f"PROMINT_DATA_DIR: {path} is not writable.")
    _keep_to_ourselves(path)
    return path


def _keep_to_ourselves(path: Path) -> None:
    """Close the directory to other users of the machine: it holds codes, sessions and the
    secret."""
    found = path.stat()
    if not found.st_mode & 0o077:
        return
    if found.st_mode & stat.S_ISVTX or found.st_uid != os.geteuid():
        raise BadSetting(
            f"PROMINT_DATA_DIR: others can read {path}, and it is not ours to change. Name a"
            " directory that belongs to the user who runs Promint, or do chmod 700 on it."
        )
    path.chmod(0o700)


def _only_ours(file: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)


def database(directory: Path, other: str | None = None) -> dict[str, object]:
    """Django's settings of the one database, or of another at that address."""
    url = other or os.environ.get("PROMINT_DATABASE_URL") or "sqlite:///"
    parts = _split("PROMINT_DATABASE_URL", url, several_hosts=True)
    if parts.scheme == "sqlite":
        file = unquote(parts.path.lstrip("/")) if parts.path.strip("/") else "promint.sqlite3"
        name = directory / file if not url.startswith("sqlite:////") else Path("/" + file)
        _only_ours(name)
        return {
            "ENGINE": "promint.core.storage.sqlite",
            "NAME": str(name),
        }
    if parts.scheme in ("postgresql", "postgres") and parts.path.strip("/"):
        return _postgresql(parts)
    raise BadSetting(
        "PROMINT_DATABASE_URL must be sqlite:/// or postgresql://user:password@host:port/database."
    )


# What may follow "?": a directory of Unix sockets, how to trust the server, which of several
# servers to use, and whether a pooler is between.
_POSTGRESQL_OPTIONS = {
    "host",
    "pooler",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "target_session_attrs",
}
_WRITABLE = ("read-write", "primary")
_POOLERS = ("session", "transaction")


def _postgresql(parts) -> dict[str, object]:  # type: ignore[no-untyped-def]
    more = dict(parse_qsl(parts.query))
    if unknown := more.keys() - _POSTGRESQL_OPTIONS:
        known = ", ".join(sorted(_POSTGRESQL_OPTIONS))
        raise BadSetting(f"PROMINT_DATABASE_URL: {min(unknown)} is not one of {known}.")
    if more.get("target_session_attrs", _WRITABLE[0]) not in _WRITABLE:
        allowed = " or ".join(_WRITABLE)
        raise BadSetting(
            f"PROMINT_DATABASE_URL: target_session_attrs must be {allowed},"
            " because no claim is decided on a replica."
        )
    pooler = more.pop("pooler", "session")
    if pooler not in _POOLERS:
        raise BadSetting(f"PROMINT_DATABASE_URL: pooler must be {' or '.join(_POOLERS)}.")
    hosts = _hosts(parts)
    return {
        "ENGINE": "promint.core.storage.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": more.pop("host", ",".join(unquote(host.hostname or "") for host in hosts)),
        "PORT": ",".join(str(host.port or "") for host in hosts),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "POOLED": pooler == "transaction",
        "OPTIONS": more,
    }


def files_url(database: Mapping[str, object]) -> str:
    """Where files are that several machines need: pieces in the database ("database:"), objects in
    a bucket ("s3://bucket/prefix"), or the data directory, which all machines then share
    ("directory:")."""
    on_postgresql = str(database["ENGINE"]).endswith("postgresql")
    url = os.environ.get("PROMINT_FILES_URL") or ("database:" if on_postgresql else "directory:")
    in_s3 = url.startswith("s3:")
    if url not in ("database:", "directory:") and not in_s3:
        raise BadSetting("PROMINT_FILES_URL must be database:, directory: or s3://bucket/prefix.")
    if url != "directory:" and not on_postgresql:
        raise BadSetting("PROMINT_FILES_URL: with SQLite, files are in the data directory.")
    if in_s3 and (wrong := s3_settings.wrong_with(url, os.environ)):
        raise BadSetting(f"PROMINT_FILES_URL{wrong}")
    return url


def secret_key(directory: Path) -> str:
    given = os.environ.get("PROMINT_SECRET_KEY")
    secret = _generated_secret(directory / "secret-key") if given is None else given
    if len(secret) < SECRET_CHARACTERS:
        which = f"PROMINT_SECRET_KEY (without it, the file secret-key in {directory})"
        raise BadSetting(f"{which} must have at least {SECRET_CHARACTERS} characters.")
    return secret


def _generated_secret(file: Path) -> str:
    """Made once. Whoever wrote it with an editor has a line break behind it."""
    try:
        _make_secret(file)
        _only_ours(file)
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise BadSetting(f"PROMINT_SECRET_KEY: {file} cannot be used ({why}).") from None


def _make_secret(file: Path) -> None:
    """Written to another file and linked into place, so that two processes that start first agree
    on one."""
    if file.exists():
        return
    fresh = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process was first, and its secret is used
            os.link(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)


def base_url() -> str:
    url = (os.environ.get("PROMINT_BASE_URL") or "http://127.0.0.1:8000").rstrip("/")
    parts = _split("PROMINT_BASE_URL", url)
    more = parts.path or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        raise BadSetting("PROMINT_BASE_URL must be an http:// or https:// address without a path.")
    return url


def email_url() -> str | None:
    """None means that mails are written to files in the data directory."""
    url = os.environ.get("PROMINT_EMAIL_URL") or None
    if url is not None:
        parts = _split("PROMINT_EMAIL_URL", url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise BadSetting(
                "PROMINT_EMAIL_URL must be smtp://user:password@host:port or smtps://…."
            )
    return url


def email_from() -> str:
    address = os.environ.get("PROMINT_EMAIL_FROM") or "promint@localhost"
    if "@" not in parseaddr(address)[1] or any(c in address for c in "\r\n"):
        raise BadSetting("PROMINT_EMAIL_FROM must be an e-mail address.")
    return address


def time_zone() -> str:
    name = os.environ.get("PROMINT_TIME_ZONE") or "UTC"
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BadSetting("PROMINT_TIME_ZONE must be a zone like Europe/Paris or UTC.") from None
    return name


LONGEST_IDLE_HOURS = 14 * 24


def session_idle() -> timedelta:
    """After how much time without use people have to sign in again."""
    text = os.environ.get("PROMINT_SESSION_IDLE_HOURS") or "8"
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= LONGEST_IDLE_HOURS:
        most = f"a whole number of hours from 1 to {LONGEST_IDLE_HOURS}"
        raise BadSetting(f"PROMINT_SESSION_IDLE_HOURS must be {most}.")
    return timedelta(hours=int(text))


def point_value() -> PointValue | None:
    text = os.environ.get("PROMINT_POINT_VALUE")
    if not text:
        return None
    amount, _, currency = text.strip().partition(" ")
    try:
        value = PointValue(Decimal(amount), currency)
    except InvalidOperation:
        value = None
    good_currency = len(currency) == 3 and currency.isascii() and currency.isupper()
    if value is None or not value.amount.is_finite() or value.amount <= 0 or not good_currency:
        raise BadSetting('PROMINT_POINT_VALUE must read like "0.01 USD".')
    return value


_LABEL = "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")


def webhook_allow() -> Allowed:
    """What webhooks may connect to although it is not public."""
    networks, hosts = [], set()
    named = (os.environ.get("PROMINT_WEBHOOK_ALLOW") or "").lower()
    for part in filter(None, re.split(r"[\s,]+", named)):
        try:
            networks.append(str(ip_network(part, strict=False)))
        except ValueError:
            if not _HOST.fullmatch(part) or re.fullmatch(r"[0-9./]+", part):
                raise BadSetting(
                    f"PROMINT_WEBHOOK_ALLOW: {part!r} is no address (10.0.0.5), network"
                    " (10.0.0.0/8) or host name (hooks.internal). Write them with commas between."
                ) from None
            hosts.add(part)
    return Allowed(tuple(networks), frozenset(hosts))


def claim_url() -> str | None:
    """The URL to which a QR code leads, with {code} in it. None means that the QR code holds
    only the code."""
    url = os.environ.get("PROMINT_CLAIM_URL") or None
    if url is None:
        return None
    parts = _split("PROMINT_CLAIM_URL", url)
    good = parts.scheme in ("http", "https") and parts.hostname and url.isascii()
    if not good or url.count("{code}") != 1 or "{code}" in parts.netloc or " " in url:
        raise BadSetting(
            "PROMINT_CLAIM_URL must be an http:// or https:// address with {code} once in its path"
            " or query, like https://shop.example/redeem?code={code}."
        )
    return url


def approve_above() -> int | None:
    """A cancellation of more codes needs a second person. None: none does."""
    text = os.environ.get("PROMINT_APPROVE_ABOVE")
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,9}", text):
        raise BadSetting("PROMINT_APPROVE_ABOVE must be a whole number of codes, like 1000.")
    return int(text)


@dataclass(frozen=True)
class Metrics:
    """Where /metrics is: on an address of its own, or behind a token. Neither: nowhere."""

    address: tuple[str, int] | None = None
    token: str = ""

    @property
    def on(self) -> bool:
        return self.address is not None or bool(self.token)


def metrics() -> Metrics:
    text = os.environ.get("PROMINT_METRICS") or "off"
    if text == "off":
        return Metrics()
    kind, _, token = text.partition(":")
    if kind == "token" and re.fullmatch("[!-~]+", token):
        return Metrics(token=token)
    parts = _split("PROMINT_METRICS", f"//{text}")
    is_more = kind == "token" or parts.netloc != text or "@" in text
    if is_more or not parts.hostname or not parts.port:
        raise BadSetting(
            "PROMINT_METRICS must be an address with a port, like 127.0.0.1:9090, or token: with a"
            " secret of printable characters without spaces behind it, or off."
        )
    return Metrics(address=(parts.hostname, parts.port))


def log_format() -> str:
    text = os.environ.get("PROMINT_LOG_FORMAT") or "text"
    if text not in ("text", "json"):
        raise BadSetting("PROMINT_LOG_FORMAT must be text or json.")
    return text


def openid() -> openid_settings.OpenId | None:
    """The company's own sign-in. None: everybody has a password."""
    try:
        return openid_settings.read(os.environ)
    except openid_settings.WrongOpenId as wrong:
        raise BadSetting(str(wrong)) from None


def organisation() -> str:
    name = (os.environ.get("PROMINT_ORGANISATION") or "").strip()
    if not name.isprintable():
        raise BadSetting("PROMINT_ORGANISATION must be one line of text.")
    return name


_READERS = (
    names,
    base_url,
    email_url,
    email_from,
    organisation,
    time_zone,
    session_idle,
    point_value,
    webhook_allow,
    claim_url,
    approve_above,
    metrics,
    log_format,
    openid,
)


def problems() -> list[str]:
    """A sentence for each value that cannot be used, where the start stops at the first."""
    readers: list[Callable[[], object]] = [*_READERS]
    found = []
    try:
        directory = data_dir()
    except BadSetting as problem:
        found.append(str(problem))
    else:
        readers += [partial(database, directory), partial(secret_key, directory)]
        with suppress(BadSetting):  # of the database, which is told anyway
            readers.append(partial(files_url, database(directory)))
    for read in readers:
        try:
            read()
        except BadSetting as problem:
            found.append(str(problem))
    return found


def _split(name: str, url: str, several_hosts: bool = False):  # type: ignore[no-untyped-def]
    try:
        parts = urlsplit(url)
        _ = [host.port for host in (_hosts(parts) if several_hosts else [parts])]
    except ValueError:
        said = "is not an address that can be read: look at its host and its port"
        raise BadSetting(f"{name} {said}.") from None
    return parts


def _hosts(parts: SplitResult) -> list[SplitResult]:
    """Each host of an address that may name several, with its port."""
    return [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
