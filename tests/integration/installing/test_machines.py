"""Several machines that share a PostgreSQL and nothing else: no directory."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from promint.core import shared_files
from tests.databases import Cluster
from tests.everything import UPLOADED, active, downloaded, post, run_everything, send
from tests.installations import add_a_list, data_of, python
from tests.servers import Server, end, wait_until

Machines = Callable[[str], Server]


@pytest.fixture
def machine(on_postgresql: Cluster, tmp_path: Path) -> Machines:
    """Makes machines, by name. The database is migrated."""
    url = Server.of_its_own(tmp_path).environment["PROMINT_DATABASE_URL"]
    shared = {"PROMINT_DATABASE_URL": url, "PROMINT_SECRET_KEY": "the same on all machines"}

    def make(name: str) -> Server:
        (tmp_path / name).mkdir()
        server = Server.of_its_own(tmp_path / name)
        server.environment |= shared
        return server

    make("first").succeed("migrate")
    return make


def files_on(server: Server) -> list[str]:
    places = [data_of(server) / name for name in ("uploads", "exports")]
    return [str(path) for place in places if place.exists() for path in place.iterdir()]


def pieces(server: Server) -> list[tuple[str, int, int]]:
    """Of each file in the database its kind, its pieces, and how many bytes are missing."""
    with psycopg.connect(server.environment["PROMINT_DATABASE_URL"]) as connection:
        return connection.execute(
            "SELECT split_part(name, '/', 1), count(*), max(size) - sum(length(content))"
            " FROM core_filepiece GROUP BY name ORDER BY name"
        ).fetchall()


def test_everything_works_without_a_shared_directory(machine: Machines) -> None:
    with machine("web") as web, machine("worker") as worker:
        web.web()
        worker.worker()
        run_everything(web)
        assert (files_on(web), files_on(worker)) == ([], [])
        assert {kind for kind, _, _ in pieces(web)} == {"exports"}


def test_a_file_goes_from_machine_to_machine_whole(machine: Machines) -> None:
    rows = [f"LONG-{number:07}-{'X' * 40}" for number in range(60_000)]
    with machine("a") as a, machine("b") as b, machine("c") as c:
        a.web()
        c.web()
        b.worker()
        promo_list = add_a_list(a, type="third_party")
        batch = send(a, f"/lists/{promo_list}/uploads", rows)["id"]
        assert active(a, f"/batches/{batch}")["created"] == len(rows)
        export = post(a.manage, "/exports", {"batch": batch, "format": "csv"})["id"]
        active(a, f"/exports/{export}")
        with c.client(a.manage_key) as elsewhere:
            answer = elsewhere.get(f"/exports/{export}/file").raise_for_status()
        assert int(answer.headers["content-length"]) == len(answer.content)
        read = [line.split('"')[1] for line in answer.text.splitlines()[1:]]
        assert sorted(read) == rows
        wait_until(lambda: len(pieces(a)) == 1, 30)  # the upload is forgotten
        ((kind, number, missing),) = pieces(a)
        assert (kind, number > 5, missing) == ("exports", True, 0)


KILLED = {"PROMINT_FAILPOINT": "shared_files.between_pieces"}


def test_a_worker_that_is_killed_while_it_stores_an_export_leaves_no_half(
    machine: Machines,
) -> None:
    with machine("web") as web, machine("worker") as worker:
        web.web()
        killed = worker.worker(**KILLED)
        promo_list = add_a_list(web, type="third_party")
        batch = send(web, f"/lists/{promo_list}/uploads", UPLOADED)["id"]
        active(web, f"/batches/{batch}")
        export = post(web.manage, "/exports", {"batch": batch, "format": "csv"})["id"]
        wait_until(lambda: "ended with -9" in worker.log.read_text(), 60)
        end(killed)
        assert pieces(web) == []
        worker.worker()
        active(web, f"/exports/{export}")
        assert [missing for _, _, missing in pieces(web)] == [0]


def test_a_web_process_that_is_killed_while_it_stores_an_upload_leaves_no_half(
    machine: Machines,
) -> None:
    web = machine("web")
    web.environment |= KILLED
    program = "from promint.core import uploads; uploads.stage('a.csv', [b'A-1\\n' * 500_000])"
    with pytest.raises(AssertionError):
        python(web, program)
    assert (pieces(web), len(files_on(web))) == ([], 1)
    del web.environment["PROMINT_FAILPOINT"]
    python(web, program)
    assert [number > 2 for _, number, _ in pieces(web)] == [True]


def test_files_are_deleted_with_their_time_and_a_backup_has_them(
    machine: Machines, tmp_path: Path
) -> None:
    with machine("web") as web, machine("worker") as worker:
        web.web()
        first = worker.worker()
        promo_list = add_a_list(web, type="third_party")
        batch = send(web, f"/lists/{promo_list}/uploads", UPLOADED)["id"]
        active(web, f"/batches/{batch}")
        content = downloaded(web, {"batch": batch, "format": "csv"})
        end(first)
        assert "0 kept files" in machine("third").succeed("backup", str(tmp_path / "backup"))
        purge = "from promint.core import exports; print(exports.purge())"
        assert python(worker, purge).strip() == "0"
        with psycopg.connect(web.environment["PROMINT_DATABASE_URL"]) as connection:
            connection.execute("UPDATE core_export SET finished_at = now() - interval '25 hours'")
        assert python(worker, purge).strip() == "1"
        assert pieces(web) == []

    place = tmp_path / "restored"
    place.mkdir()
    with Server.of_its_own(place) as restored:
        restored.succeed("restore", str(tmp_path / "backup"))
        restored.web()
        (export,) = python(
            restored,
            "from promint.core.models import Export\n"
            "print(*(export.public_id for export in Export.objects.all()))",
        ).split()
        assert restored.manage.get(f"/exports/{export}/file").content == content


def test_a_file_elsewhere_reads_like_one_that_is_here(
    database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from the middle, and when it is exactly as long as its pieces."""
    monkeypatch.setattr(settings, "FILES_URL", "database:")
    path = tmp_path / "exports" / "file"
    path.parent.mkdir()
    for size in (0, 1, shared_files.PIECE, 2 * shared_files.PIECE + 17):
        content = bytes(number % 251 for number in range(size))
        path.write_bytes(content)
        shared_files.hand_over(path)
        assert not path.exists()
        with shared_files.open_file(path) as file:
            assert file.read() == content
            assert (file.seek(0, 2), file.seek(size // 2)) == (size, size // 2)
            assert BytesIO(content[size // 2 :]).read(10) == file.read(10)
    shared_files.delete(path)
    with pytest.raises(FileNotFoundError):
        shared_files.open_file(path)
