"""A backup and a restore are killed at every step: nothing half is left that looks whole."""

import os
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.installations import another, data_of, migrated, python
from tests.servers import Server, end, wait_until

MADE = "from tests import factories; factories.a_batch(factories.a_list(), 20)"
COUNTED = "from promint.core.models import Code; print(Code.objects.count())"


def _killed(server: Server, where: str, *words: str) -> None:
    """Run a command that is killed there."""
    server.environment["PROMINT_FAILPOINT"] = where
    done = server.run(*words)
    del server.environment["PROMINT_FAILPOINT"]
    assert done.returncode == -signal.SIGKILL, done.stderr


def _an_installation(directory: Path) -> Server:
    server = migrated(directory, "ours")
    python(server, MADE)
    return server


def test_a_killed_backup_leaves_the_one_before_and_no_half(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    place = tmp_path / "backups"
    place.mkdir()
    file = place / "promint.backup"
    ours.succeed("backup", str(file))
    before = file.read_bytes()
    python(ours, MADE)
    for where in ("backup.snapshot", "backup.before_rename"):
        _killed(ours, where, "backup", str(file))
        assert file.read_bytes() == before
    assert len(os.listdir(place)) > 1
    ours.succeed("backup", str(file))
    assert os.listdir(place) == ["promint.backup"]
    theirs.succeed("restore", str(file))
    assert python(theirs, COUNTED) == "40\n"


def test_a_killed_restore_leaves_no_database_and_can_be_repeated(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    ours.succeed("backup", str(file))
    _killed(theirs, "restore.before_database", "restore", str(file))
    if databases.cluster is None:
        assert (data_of(theirs) / "promint.sqlite3").stat().st_size == 0
    theirs.succeed("restore", str(file))
    assert python(theirs, COUNTED) == "20\n"
    assert not list(data_of(theirs).glob(".promint-unfinished-*"))


def test_a_restore_killed_before_it_migrates_is_whole(
    on_postgresql: databases.Cluster, tmp_path: Path
) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    ours.succeed("backup", str(file))
    _killed(theirs, "restore.before_migrating", "restore", str(file))
    theirs.succeed("migrate")
    theirs.succeed("doctor")
    assert python(theirs, COUNTED) == "20\n"


@pytest.mark.parametrize("ending", ["-journal", "-wal"])
def test_nothing_of_the_database_before_is_mixed_into_the_restored_one(
    tmp_path: Path, ending: str
) -> None:
    if databases.cluster is not None:
        pytest.skip("SQLite keeps a journal beside the database")
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    ours.succeed("backup", str(file))
    theirs.succeed("migrate")
    left = data_of(theirs) / f"promint.sqlite3{ending}"
    left.write_bytes(b"")
    theirs.succeed("restore", str(file))
    assert not left.exists()
    theirs.succeed("doctor")


def _begun(server: Server, where: str, *words: str) -> subprocess.Popen[bytes]:
    """A command that stands still there, until it is killed."""
    process = server.start(list(words), {"PROMINT_FAILPOINT": f"{where}:freeze"})
    state = Path(f"/proc/{process.pid}/stat")
    wait_until(lambda: state.read_text().rpartition(")")[2].split()[0] == "T", 60)
    return process


def _refuses(server: Server, command: str, *sentences: str) -> None:
    port = [] if command == "worker" else ["--port", str(databases.free_port())]
    done = server.run(command, *port)
    assert done.returncode == 1, done.stderr
    assert all(sentence in done.stderr for sentence in sentences), done.stderr
    assert "Traceback" not in done.stderr


def _address_of(server: Server) -> str:
    file = f"sqlite:///{data_of(server) / 'promint.sqlite3'}"
    return server.environment.get("PROMINT_DATABASE_URL", file)


FILLS = "Start when it is done."
NOT_WHOLE = "was interrupted, and this database is not whole. Run the command again."


def test_nobody_serves_a_database_into_which_a_restore_brings_something(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    ours.succeed("backup", str(file))
    with theirs:
        restore = _begun(theirs, "restore.before_database", "restore", str(file))
        for command in ("up", "web", "worker"):
            _refuses(theirs, command, "promint restore ", FILLS)
        restore.kill()
        restore.wait()
        if databases.cluster is not None:
            for command in ("up", "web", "worker"):
                _refuses(theirs, command, "promint restore (begun ", NOT_WHOLE)
            assert NOT_WHOLE in theirs.run("check").stdout
        theirs.succeed("restore", str(file))
        theirs.web()
    assert python(theirs, COUNTED) == "20\n"


def test_nobody_serves_a_database_into_which_everything_is_copied(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    data_of(theirs).mkdir(0o700)
    to = _address_of(theirs)
    with ours:
        copy = _begun(ours, "copy.before_commit", "copy", "--to", to)
        _refuses(theirs, "worker", " copy", FILLS)
        copy.kill()
        copy.wait()
        if databases.cluster is not None:
            _refuses(theirs, "up", "promint copy (begun ", NOT_WHOLE)
    ours.succeed("copy", "--to", to)
    assert python(theirs, COUNTED) == "20\n"


def test_a_database_that_was_filled_and_is_still_marked_is_created_anew(
    on_postgresql: databases.Cluster, tmp_path: Path
) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    ours.succeed("backup", str(file))
    _killed(theirs, "restore.before_unmarking", "restore", str(file))
    again = theirs.run("restore", str(file))
    assert "This database has lists already." in again.stderr
    _refuses(theirs, "web", "If it refuses, or to begin without it, drop the database and create")


def test_a_restore_that_ends_before_it_changes_anything_leaves_no_mark(
    on_postgresql: databases.Cluster, tmp_path: Path
) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    ours.succeed("backup", str(file))
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 3] ^= 0xFF
    file.write_bytes(damaged)
    theirs.succeed("migrate")
    assert "is damaged" in theirs.run("restore", str(file)).stderr
    theirs.succeed("doctor")


def test_nothing_is_copied_into_a_database_that_is_served(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    to = _address_of(theirs)
    with theirs:
        process = theirs.up()
        done = ours.run("copy", "--to", to)
        assert done.returncode == 1
        assert "Stop promint up, web and worker on all machines first." in done.stderr
        assert httpx.get(f"{theirs.url}/readyz", trust_env=False).status_code == 200
        end(process)
