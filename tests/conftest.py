"""Fixtures for all tests. Tests in tests/unit use no database, all others use one.

The database has real transactions, because verbs open durable ones and other processes must see
them. It is emptied before each test.
"""

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from hypothesis import settings

from promint.accounts import hashing
from promint.accounts.roles import Role
from tests import databases, factories
from tests.servers import Server

UNIT = Path(__file__).parent / "unit"
E2E = Path(__file__).parent / "e2e"
settings.register_profile("promint", deadline=None)  # the machine may be slow and shared
settings.load_profile("promint")
logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every request
_EMPTIED = ("core_", "accounts_")
_FEW = 1_000  # rows
_USUAL_HASHING = {name: getattr(hashing.Argon2, name) for name in ("time_cost", "memory_cost")}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = {item for item in items if _is_left_out(item, config.getoption("twice"))}
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    for item in items:
        if item.get_closest_marker("django_db"):
            raise pytest.UsageError(
                f"{item.nodeid}: tests outside tests/unit have the database without this mark."
            )


def _is_left_out(item: pytest.Item, twice: bool) -> bool:
    """Tests that do not depend on the database, or need a browser, run on SQLite only."""
    on_postgresql = databases.cluster is not None
    if on_postgresql and {UNIT, E2E} & set(item.path.parents):
        return True
    return on_postgresql and not twice and item.get_closest_marker("same_on_both") is not None


@pytest.fixture(scope="session")
def migrated(django_db_blocker: pytest.FixtureRequest) -> None:
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
        connection.close()
        databases.keep_migrated(connection.settings_dict["NAME"])


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> None:
    """Tests hash passwords with little work. The processes that they start do the usual work."""
    hashing.Argon2.time_cost, hashing.Argon2.memory_cost = 1, 8


@pytest.fixture
def usual_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _USUAL_HASHING.items():
        monkeypatch.setattr(hashing.Argon2, name, value)


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.path.is_relative_to(UNIT):
        yield
        return
    request.getfixturevalue("migrated")
    with request.getfixturevalue("django_db_blocker").unblock():
        empty_tables()
        yield
        connection.close()


def empty_tables() -> None:
    """Empty all tables. Deleting a few rows is faster than truncating; foreign keys are checked
    at the end."""
    tables = _tables(connection.vendor)
    filled = " UNION ALL ".join(
        f"SELECT '{t}', EXISTS (SELECT 1 FROM {t} LIMIT 1 OFFSET {_FEW}) AS many"
        f" WHERE EXISTS (SELECT 1 FROM {t})"
        for t in tables
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{filled} ORDER BY many DESC")
        for name, many in cursor.fetchall():
            truncate = many and connection.vendor == "postgresql"
            cursor.execute(f"TRUNCATE {name} CASCADE" if truncate else f"DELETE FROM {name}")


@cache
def _tables(vendor: str) -> list[str]:
    return [t for t in connection.introspection.table_names() if t.startswith(_EMPTIED)]


@pytest.fixture
def breakable(database: None, tmp_path: Path) -> Iterator[None]:
    """A copy of the test's database, whose constraints a test may drop."""
    connection.close()
    original = connection.settings_dict["NAME"]
    with (
        databases.copy_of(original, tmp_path) as (copy, url),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PROMINT_DATABASE_URL", url)  # for processes that a test starts
        connection.settings_dict["NAME"] = copy
        yield
        connection.close()
    connection.settings_dict["NAME"] = original


@pytest.fixture
def on_postgresql() -> databases.Cluster:
    """The cluster of this run; the test is skipped when the run is on SQLite."""
    if databases.cluster is None:
        pytest.skip("needs PostgreSQL: pytest --database=postgresql")
    return databases.cluster


@pytest.fixture
def viewer() -> Client:
    return factories.signed_in(Role.VIEWER)


@pytest.fixture
def agent() -> Client:
    return factories.signed_in(Role.AGENT)


@pytest.fixture
def manager() -> Client:
    return factories.signed_in(Role.MANAGER)


@pytest.fixture
def admin() -> Client:
    return factories.signed_in(Role.ADMIN)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """`promint up` with a database of its own."""
    with Server.migrated(tmp_path) as server:
        server.up()
        yield server


@pytest.fixture(scope="module")
def serving(migrated: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web process of all tests of a file that neither end nor hinder it. It has nothing to
    remember of a test whose rows are gone."""
    with Server.on_this_database(tmp_path_factory.mktemp("serving")) as server:
        server.web()
        yield server


@pytest.fixture
def web(serving: Server, tmp_path: Path) -> Iterator[Server]:
    """`promint web` on the database of the test, so that factories and verbs reach it too. What
    else a test starts here ends with the test."""
    with Server.on_this_database(tmp_path) as server:
        server.urls.append(serving.url)
        server.log = serving.log
        yield server


@pytest.fixture
def own_web(tmp_path: Path) -> Iterator[Server]:
    """The same as a process of this test alone."""
    with Server.on_this_database(tmp_path) as server:
        server.web()
        yield server
