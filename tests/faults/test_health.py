"""What /healthz and /readyz answer when something is wrong."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from promint.core.storage import MARK
from tests.databases import Cluster
from tests.proxy import Proxy, hang_up, read
from tests.servers import Server, wait_until

SILENCE_KNOWN_WITHIN = 2.0  # seconds


class SilentProxy(Proxy):
    """A connection to the database on which, at times, nothing more arrives."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.speaks = threading.Event()
        self.speaks.set()

    def to_server(self, client, server) -> None:  # type: ignore[no-untyped-def]
        while data := read(client):
            self.speaks.wait(60)
            server.sendall(data)
        hang_up(server)


# One client for all, because making one costs a tenth of a second of processor time, which is not
# to be measured.
CLIENT = httpx.Client(trust_env=False, timeout=30)


def asked(url: str) -> tuple[int, float]:
    """The status, and how many seconds it took."""
    began = time.monotonic()
    status = CLIENT.get(url).status_code
    return status, time.monotonic() - began


def test_a_database_that_says_nothing_is_known_within_two_seconds(
    on_postgresql: Cluster, tmp_path: Path
) -> None:
    with SilentProxy(on_postgresql.port) as proxy, Server.on_this_database(tmp_path) as server:
        url = os.environ["PROMINT_DATABASE_URL"]
        through = url.replace(f":{urlsplit(url).port}/", f":{proxy.port}/")
        server.web(PROMINT_DATABASE_URL=through)
        for path in ("/healthz", "/readyz"):
            assert asked(server.url + path)[0] == 200
        proxy.speaks.clear()
        with ThreadPoolExecutor(20) as people:
            paths = ["/healthz", "/readyz"] * 20
            for status, seconds in people.map(lambda path: asked(server.url + path), paths):
                assert (status, seconds < SILENCE_KNOWN_WITHIN) == (503, True), seconds
        proxy.speaks.set()
        wait_until(lambda: asked(f"{server.url}/healthz")[0] == 200, 30)


@pytest.mark.usefixtures("breakable")
def test_a_process_whose_database_is_not_migrated_is_healthy_but_not_ready(own_web: Server) -> None:
    assert asked(f"{own_web.url}/readyz")[0] == 200
    recorder = MigrationRecorder(connection)
    last = max(name for app, name in recorder.applied_migrations() if app == "core")
    recorder.record_unapplied("core", last)
    answer = httpx.get(f"{own_web.url}/readyz", trust_env=False)
    assert (answer.status_code, answer.text) == (
        503,
        f"Not migrated (core.{last}): promint migrate.\n",
    )
    assert asked(f"{own_web.url}/healthz")[0] == 200


@pytest.mark.usefixtures("on_postgresql", "breakable")
def test_a_process_whose_database_is_being_filled_is_not_ready(own_web: Server) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {MARK} ()")
        cursor.execute(f"COMMENT ON TABLE {MARK} IS 'promint copy'")
    answer = httpx.get(f"{own_web.url}/readyz", trust_env=False)
    assert answer.status_code == 503
    assert answer.text.startswith("promint copy was interrupted, and this database is not whole.")
    assert asked(f"{own_web.url}/healthz")[0] == 200
