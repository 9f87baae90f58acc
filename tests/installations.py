"""Installations of Promint, each with a database and a data directory of its own."""

import subprocess
import sys
from pathlib import Path

import httpx

from promint.core.rules import ids
from tests.servers import Server

OPEN = {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}


def another(directory: Path, name: str) -> Server:
    """An installation that does not exist yet, beside others in the same directory."""
    return Server.of_its_own(_place(directory, name))


def migrated(directory: Path, name: str) -> Server:
    """An installation with an empty database, beside others in the same directory."""
    return Server.migrated(_place(directory, name))


def _place(directory: Path, name: str) -> Path:
    place = directory / name
    place.mkdir()
    return place


def data_of(server: Server) -> Path:
    return Path(server.environment["PROMINT_DATA_DIR"])


def add_a_list(server: Server, **more: object) -> str:
    """A list of a server that runs; returns its id."""
    new = {"name": "Spring", "type": "single_use", "outcomes": {"points": 100}, **OPEN, **more}
    return str(server.manage.post("/lists", json=new).raise_for_status().json()["id"])


def add_a_multi_use_list(server: Server, code: str) -> str:
    return add_a_list(server, type="multi_use", code=code)


def customers_of(server: Server, promo_list: str) -> set[str]:
    """Who has claimed, according to the database of an installation that may be stopped."""
    told = python(
        server,
        "from promint.core.models import Claim\n"
        f"claims = Claim.objects.filter(list={ids.key_of('lst', promo_list)})\n"
        "print('\\n'.join(claims.values_list('customer', flat=True)))",
    )
    return set(told.split())


def python(server: Server, program: str) -> str:
    """What a Python program prints that uses the installation's database."""
    begin = "import django; django.setup()\n"
    done = subprocess.run(
        [sys.executable, "-c", begin + program],
        env={**server.environment, "DJANGO_SETTINGS_MODULE": "promint.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def claim(server: Server, code: str, customer: str, key: str) -> httpx.Response:
    body = {"code": code, "customer": customer}
    return server.claims.post("/claims", json=body, headers={"Idempotency-Key": key})
