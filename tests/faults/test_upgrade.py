"""The last release serves on while the database is brought up to date for this one, and after."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests import databases, installations, releases
from tests.faults.journal import Crowd
from tests.servers import Server, wait_until

CODE = "AllOfUs"


class LastRelease(Server):
    program = (sys.executable, "-m", "promint.cli")


@pytest.fixture
def last(tmp_path: Path) -> LastRelease:
    """The last release, on a database that it made itself."""
    (tmp_path / "last").mkdir()
    last = LastRelease.of_its_own(tmp_path)
    last.runs_in = releases.sources_of(releases.LAST, tmp_path / "last")
    last.succeed("migrate")
    return last


@pytest.fixture
def this(last: LastRelease, tmp_path: Path) -> Server:
    """This release, on the same database."""
    return Server(last.environment, tmp_path)


def a_batch_is_made(server: Server) -> None:
    promo_list = installations.add_a_list(server)
    making = server.manage.post(f"/lists/{promo_list}/batches", json={"quantity": 1_000})
    batch = f"/batches/{making.raise_for_status().json()['id']}"
    wait_until(lambda: server.manage.get(batch).json()["status"] == "active", 60)
    codes = server.manage.get(f"{batch}/codes", params={"limit": 1}).json()["items"]
    claimed = installations.claim(server, codes[0]["code"], "cust-1", "first")
    assert claimed.status_code == 201, claimed.text


def test_the_last_release_claims_and_makes_codes_while_and_after_this_one_migrates(
    last: LastRelease, this: Server
) -> None:
    with last, this:
        last.web()
        last.worker()
        promo_list = installations.add_a_multi_use_list(last, CODE)
        with Crowd(last, [CODE], customers=4) as crowd:
            wait_until(lambda: crowd.acknowledged > 20, 60)
            this.succeed("migrate")
            acknowledged = crowd.acknowledged
            wait_until(lambda: crowd.acknowledged > acknowledged + 20, 60)
        assert not crowd.journal.troubles
        a_batch_is_made(last)
        counted = last.manage.get(f"/lists/{promo_list}").json()["claim_count"]
        assert counted == len(crowd.journal.granted()) == crowd.acknowledged
        this.succeed("doctor")


def test_a_change_that_the_last_release_cannot_stand_would_be_noticed(last: LastRelease) -> None:
    with last:
        last.web()
        installations.add_a_multi_use_list(last, CODE)
        assert installations.claim(last, CODE, "cust-1", "first").status_code == 201
        rename_a_column(last)
        assert installations.claim(last, CODE, "cust-2", "second").status_code >= 500


def rename_a_column(server: Server) -> None:
    renaming = "ALTER TABLE core_claim RENAME COLUMN claimed_at TO redeemed_at"
    if databases.cluster is not None:
        with psycopg.connect(server.environment["PROMINT_DATABASE_URL"]) as session:
            session.execute(renaming)
        return
    (file,) = installations.data_of(server).glob("*.sqlite3")
    with closing(sqlite3.connect(file)) as session:
        session.execute(renaming)
