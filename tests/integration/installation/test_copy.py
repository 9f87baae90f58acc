"""promint copy: everything moves to another database, of the same or the other kind."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from promint.installation.table import Sum, all_tables
from tests import databases
from tests.installations import add_a_list, add_a_multi_use_list, claim, migrated, python
from tests.servers import Server, end, wait_until

CODE = "AllOfUs"
MEMBER = "from tests import factories; from promint.accounts.roles import Role\n"
MEMBER += "print(factories.a_member(Role.VIEWER).id)"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Server:
    """An installation with something in most tables, which nobody serves. No test changes it."""
    server = migrated(tmp_path_factory.mktemp("full"), "ours")
    with server:
        process = server.up()
        hook = {"url": "https://shop.example/hook", "events": ["claim.created", "list.created"]}
        server.manage.post("/webhooks", json=hook).raise_for_status()
        offer = server.manage.post("/offers", json={"name": "Café für alle"}).json()["id"]
        promo_list = add_a_list(
            server, outcomes={"points": 5, "offers": [offer], "tags": ["spring", "für"]}
        )
        add_a_multi_use_list(server, CODE)
        batches = f"/lists/{promo_list}/batches"
        batch = server.manage.post(batches, json={"quantity": 300}).json()["id"]
        wait_until(lambda: server.manage.get(f"/batches/{batch}").json()["status"] == "active", 60)
        codes = server.manage.get(f"/batches/{batch}/codes?limit=50").json()["items"]
        for number, code in enumerate(codes):
            assert claim(server, code["code"], f"cust-{number}", f"key-{number}").is_success
        assert claim(server, CODE, "early", "early").status_code == 201
        end(process)
    python(server, MEMBER)
    return server


def _empty(directory: Path, kind: str) -> str:
    """The address of a database that is not there yet, or empty."""
    if kind == "sqlite":
        return f"sqlite:///{directory / 'copy.sqlite3'}"
    assert databases.cluster is not None
    return databases.cluster.create_database(f"promint_{secrets.token_hex(6)}")


def _on(server: Server, url: str) -> Server:
    """The same installation on another database."""
    other = Server({**server.environment, "PROMINT_DATABASE_URL": url}, server.log.parent)
    other.__dict__["claim_key"] = server.claim_key
    return other


def test_everything_is_there_in_the_copy_and_in_the_copy_of_the_copy(
    full: Server, tmp_path: Path
) -> None:
    """On PostgreSQL, the way there and back crosses from one kind to the other twice."""
    there = _empty(tmp_path, "sqlite")
    web = full.web()
    refused = full.run("copy", "--to", there)
    assert "Stop promint up, web and worker on all machines first." in refused.stderr
    end(web)
    told = full.succeed("copy", "--to", there)
    assert told.count("\nok ") == 28
    copy = _on(full, there)
    (tmp_path / "back").mkdir()
    back = _empty(tmp_path / "back", "sqlite" if databases.cluster is None else "postgresql")
    assert told == "".join(_without_time(copy.succeed("copy", "--to", back), told))
    end_of_the_way = _on(full, back)
    another_member = python(end_of_the_way, MEMBER.replace("VIEWER", "AGENT"))
    assert another_member == "2\n", "numbers go on after those that were copied"
    with end_of_the_way as server:
        server.up()
        again = claim(server, CODE, "early", "early")
        assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
        assert claim(server, CODE, "late", "late").status_code == 201
    server.succeed("doctor")


def _without_time(told: str, like: str) -> Iterator[str]:
    """The lines, with the seconds that the other copy took."""
    for line, expected in zip(told.splitlines(True), like.splitlines(True), strict=True):
        timed = "rows in" in line and line.split(" rows")[0] == expected.split(" rows")[0]
        yield expected if timed else line


def test_a_copy_needs_a_database_without_lists(full: Server, tmp_path: Path) -> None:
    there = _empty(tmp_path, "sqlite")
    full.succeed("copy", "--to", there)
    again = full.run("copy", "--to", there)
    assert again.returncode == 1
    assert "The database to copy to has lists already. Name an empty one." in again.stderr
    wrong = full.run("copy", "--to", "mysql://somewhere/promint")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("promint: --to must be sqlite:/// or postgresql://")
    away = full.run("copy", "--to", "postgresql://promint:pw@127.0.0.1:9/promint")
    assert away.returncode == 1
    assert away.stderr.startswith("promint: The database to copy to does not answer. connection")


@pytest.mark.parametrize("where", ["core_claim", "before_commit"])
def test_a_copy_that_is_killed_leaves_nothing_and_can_be_repeated(
    full: Server, tmp_path: Path, where: str
) -> None:
    there = _empty(tmp_path, "sqlite" if databases.cluster is None else "postgresql")
    killed = Server({**full.environment, "PROMINT_FAILPOINT": f"copy.{where}"}, tmp_path)
    assert killed.run("copy", "--to", there).returncode < 0
    count = "from promint.core.models import Code, PromoList, Claim\n"
    count += "print(Code.objects.count() + Claim.objects.count() + PromoList.objects.count())"
    assert python(_on(full, there), count) == "0\n"
    full.succeed("copy", "--to", there)
    assert python(_on(full, there), count) == python(full, count)


def test_the_sum_sees_a_changed_a_missing_and_a_doubled_row() -> None:
    (table,) = [table for table in all_tables() if table.name == "core_customer"]

    def summed(*rows: tuple[object, ...]) -> Sum:
        sum_ = Sum(table)
        sum_.add(list(rows))
        return sum_

    one, two = ("anna", -1, 1), ("bruno", 0, 0)
    assert summed(one, two) == summed(two, one)
    assert summed(one) != summed(("anna", -2, 1))
    assert summed(one, two) != summed(one)
    assert summed(one, one) != summed(two, two)
    assert summed(one, one) != summed(one)
