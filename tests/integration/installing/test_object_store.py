"""Several machines whose files are in a store of objects: a real one, over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from promint.core import shared_files
from promint.core.shared_files.in_s3 import StoreFails
from tests import object_store
from tests.databases import Cluster
from tests.everything import UPLOADED, active, downloaded, post, run_everything, send
from tests.installations import add_a_list, data_of, python
from tests.object_store import Store
from tests.servers import Server, end, wait_until

LONG = 3_000_000  # rows of an upload that is sent in several parts


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with object_store.running() as started:
        yield started


@pytest.fixture
def installation(on_postgresql: Cluster, tmp_path: Path, store: Store) -> Server:
    """Another directory for each machine, and a part of the bucket for each test."""
    (tmp_path / "web").mkdir()
    server = Server.of_its_own(tmp_path / "web")
    server.environment |= store.environment
    server.environment["PROMINT_FILES_URL"] += f"-{tmp_path.name.replace('_', '-')}"
    server.environment["PROMINT_SECRET_KEY"] = "the same on all machines"
    server.succeed("migrate")
    return server


def another_machine(server: Server, name: str) -> Server:
    (server.log.parent.parent / name).mkdir()
    other = Server.of_its_own(server.log.parent.parent / name)
    own = {"PROMINT_DATA_DIR": other.environment["PROMINT_DATA_DIR"]}
    other.environment = {**server.environment, **own}
    return other


def objects(store: Store, server: Server) -> dict[str, int]:
    prefix = server.environment["PROMINT_FILES_URL"].partition(f"{object_store.BUCKET}/")[2]
    found = store.sizes().items()
    return {
        name.removeprefix(f"{prefix}/"): size
        for name, size in found
        if name.startswith(f"{prefix}/")
    }


def files_on(server: Server) -> list[Path]:
    places = [data_of(server) / name for name in ("uploads", "exports")]
    return [path for place in places if place.exists() for path in place.iterdir()]


def test_everything_works_with_files_in_a_store(installation: Server, store: Store) -> None:
    with installation as web, another_machine(installation, "worker") as worker:
        web.web()
        worker.worker()
        run_everything(web)
        assert (files_on(web), files_on(worker)) == ([], [])
        assert {name.partition("/")[0] for name in objects(store, web)} == {"exports"}
        assert "files          fine      A file was stored in s3://" in web.run("check").stdout
        assert {name.partition("/")[0] for name in objects(store, web)} == {"exports"}
        with psycopg.connect(web.environment["PROMINT_DATABASE_URL"]) as connection:
            assert connection.execute("SELECT count(*) FROM core_filepiece").fetchone() == (0,)
        purge = "from promint.core import exports; exports.purge()"
        with psycopg.connect(web.environment["PROMINT_DATABASE_URL"]) as connection:
            connection.execute("UPDATE core_export SET finished_at = now() - interval '25 hours'")
        python(worker, purge)
        assert objects(store, web) == {}


STAGED = f"from promint.core import uploads; uploads.stage('a.csv', [b'A-1\\n' * {LONG}])"


def test_who_is_killed_while_a_file_is_stored_leaves_no_half(
    installation: Server, store: Store
) -> None:
    installation.environment["PROMINT_FAILPOINT"] = "shared_files.between_pieces"
    with pytest.raises(AssertionError):
        python(installation, STAGED)
    assert objects(store, installation) == {}
    del installation.environment["PROMINT_FAILPOINT"]
    python(installation, STAGED)
    assert list(objects(store, installation).values()) == [4 * LONG]
    read = (
        "from promint.core import shared_files as s\n"
        "import hashlib; (path,) = s.stored('uploads'); file = s.open_file(path)\n"
        "print(hashlib.file_digest(file, 'sha256').hexdigest())"
    )
    whole = f"import hashlib; print(hashlib.sha256(b'A-1\\n' * {LONG}).hexdigest())"
    assert python(installation, read) == python(installation, whole)


def test_a_backup_has_the_files_and_a_restore_stores_them(
    installation: Server, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "promint.backup"
    with installation as web:
        web.web()
        worker = web.worker()
        promo_list = add_a_list(web, type="third_party")
        batch = send(web, f"/lists/{promo_list}/uploads", UPLOADED)["id"]
        active(web, f"/batches/{batch}")
        content = downloaded(web, {"batch": batch, "format": "csv"})
        end(worker)
        waiting = send(web, f"/lists/{promo_list}/uploads", ["LATER-1", "LATER-2"])["id"]
        assert "with 2 kept files" in web.succeed("backup", str(file))
        (export,) = [name for name in objects(store, web) if name.startswith("exports/")]
    restored = another_machine(installation, "restored")
    fresh = Server.of_its_own(restored.log.parent)
    restored.environment["PROMINT_DATABASE_URL"] = fresh.environment["PROMINT_DATABASE_URL"]
    restored.environment["PROMINT_FILES_URL"] += "-restored"
    restored.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    failed = restored.run("restore", str(file))
    assert failed.returncode == 1
    assert "The store of files cannot be used: " in failed.stderr
    restored.environment["AWS_ENDPOINT_URL"] = store.address
    restored.succeed("restore", str(file))
    assert objects(store, restored).keys() == objects(store, installation).keys()
    with restored:
        restored.up()
        restored.__dict__["manage_key"] = installation.manage_key
        public_id = export.partition("/")[2].partition(".")[0]
        assert restored.manage.get(f"/exports/{public_id}/file").content == content
        assert active(restored, f"/batches/{waiting}")["created"] == 2


def test_while_the_store_is_away_claims_go_on_and_files_wait(
    installation: Server, store: Store
) -> None:
    installation.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    with installation as web:
        web.web()
        worker = web.worker()
        promo_list = add_a_list(web)
        batch = post(web.manage, f"/lists/{promo_list}/batches", {"quantity": 10})["id"]
        active(web, f"/batches/{batch}")
        partners = add_a_list(web, type="third_party")
        sent = {"file": ("codes.csv", b"code\nAAA1\n")}
        answer = web.manage.post(f"/lists/{partners}/uploads", files=sent)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        export = post(web.manage, "/exports", {"batch": batch, "format": "csv"})["id"]
        wait_until(lambda: "The store of files cannot be used" in web.log.read_text(), 60)
        assert web.manage.get(f"/exports/{export}").json()["status"] == "pending"
        checked = web.run("check").stdout
        assert "files          not fine  s3://files/" in checked
        assert web.manage.get("/lists").status_code == 200
        end(worker)
        installation.environment["AWS_ENDPOINT_URL"] = store.address
        web.worker()
        active(web, f"/exports/{export}")


def test_a_missing_bucket_is_named(installation: Server) -> None:
    installation.environment["PROMINT_FILES_URL"] = "s3://elsewhere"
    said = installation.run("check").stdout
    assert "s3://elsewhere cannot be used: NoSuchBucket: The specified bucket" in said


@pytest.mark.usefixtures("database")
def test_a_file_in_the_store_reads_like_one_that_is_here(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from the middle, and where it is exactly as long as what is read at a time."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(settings, "FILES_URL", f"s3://{object_store.BUCKET}/alone")
    path = tmp_path / "exports" / "file"
    path.parent.mkdir()
    for size in (0, 1, 2 * 1024 * 1024, 10 * 1024 * 1024 + 17):
        content = bytes(range(251)) * (size // 251 + 1)
        path.write_bytes(content[:size])
        shared_files.hand_over(path)
        assert not path.exists()
        with shared_files.open_file(path) as file:
            assert file.read() == content[:size]
            assert (file.seek(0, 2), file.seek(size // 2)) == (size, size // 2)
            assert file.read(10) == content[size // 2 : size][:10]
    shared_files.delete(path)
    with pytest.raises(FileNotFoundError):
        shared_files.open_file(path)
    path.write_bytes(b"lost")
    monkeypatch.setattr(settings, "FILES_URL", "s3://elsewhere")
    with pytest.raises(StoreFails, match="NoSuchBucket"):
        shared_files.hand_over(path)
