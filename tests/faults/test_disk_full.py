"""When the disk is full, nothing is half done, and when there is space again, everything
continues."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.servers import Server, wait_until

MEGABYTE = 1_048_576
LEFT = MEGABYTE  # free space on the full disk
QUANTITY = 100_000  # codes that need far more space


@contextmanager
def a_small_disk() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="promint-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=96m,mode=0777", "tmpfs", place]
    done = subprocess.run(mount, capture_output=True, text=True)
    try:
        if done.returncode:
            pytest.skip(f"A disk of its own needs a superuser: {done.stderr}")
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def a_server_on(disk: Path, directory: Path) -> Iterator[Server]:
    """A server that keeps everything on that disk."""
    server = Server.of_its_own(directory)
    server.environment["PROMINT_DATA_DIR"] = str(disk / "data")
    if databases.cluster is None:
        with server:
            yield server
    else:
        with databases.cluster.database_on(disk / "tables") as url:
            server.environment["PROMINT_DATABASE_URL"] = url
            with server:
                yield server


def fill(disk: Path) -> Path:
    """The file that fills the disk."""
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free - LEFT))
    return filler


def _is_full(server: Server) -> bool:
    log = server.log.read_text()
    return "disk is full" in log or "No space left on device" in log


def test_a_batch_waits_for_room_and_claims_are_made_or_can_be_sent_again(tmp_path: Path) -> None:
    with a_small_disk() as disk, a_server_on(disk, tmp_path) as server:
        server.up()
        new = {"name": "Spring", "type": "single_use", "outcomes": {"points": 100}}
        new |= {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}
        batches = f"/lists/{server.manage.post('/lists', json=new).json()['id']}/batches"

        def asked(quantity: int) -> str:
            return (
                f"/batches/{server.manage.post(batches, json={'quantity': quantity}).json()['id']}"
            )

        def status(batch: str) -> str:
            return str(server.manage.get(batch).json()["status"])

        few = asked(400)
        wait_until(lambda: status(few) == "active", 60)
        codes = [c["code"] for c in server.manage.get(f"{few}/codes?limit=400").json()["items"]]
        filler = fill(disk)
        many = asked(QUANTITY)
        wait_until(lambda: _is_full(server), 60)
        claims = [{"code": code, "customer": f"{code:0200}"} for code in codes]
        answers = [
            server.claims.post("/claims", json=claim, headers={"Idempotency-Key": claim["code"]})
            for claim in claims
        ]
        assert {answer.status_code for answer in answers} <= {201, 503}
        assert answers[-1].status_code == 503
        ready = httpx.get(f"{server.url}/readyz", trust_env=False)
        assert (ready.status_code, ready.text[:25]) == (503, "Claims cannot be written:")
        assert status(many) == "pending"
        filler.unlink()
        wait_until(lambda: status(many) == "active", 90)
        for claim, first in zip(claims, answers, strict=True):
            key = {"Idempotency-Key": claim["code"]}
            again = server.claims.post("/claims", json=claim, headers=key)
            assert again.status_code == 201
            assert first.status_code == 503 or again.json() == first.json()
        assert server.manage.get(many).json()["created"] == QUANTITY
        server.succeed("doctor")


def test_an_upload_that_finds_no_room_is_refused_for_now_and_leaves_nothing(tmp_path: Path) -> None:
    with a_small_disk() as disk, a_server_on(disk, tmp_path) as server:
        server.up()
        new = {"name": "Partner", "type": "third_party", "outcomes": {"points": 100}}
        new |= {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}
        uploads = f"/lists/{server.manage.post('/lists', json=new).json()['id']}/uploads"
        file = {"file": ("codes.csv", b"".join(b"CODE-%d\n" % n for n in range(300_000)))}
        filler = fill(disk)
        refused = server.manage.post(uploads, files=file)
        assert (refused.status_code, refused.json()["error"]) == (503, "busy")
        assert not list((disk / "data" / "uploads").iterdir())
        filler.unlink()
        assert server.manage.post(uploads, files=file).status_code == 202
