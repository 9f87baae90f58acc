"""A backup and a restore are killed at every step: nothing half is left that looks whole."""

import os
import signal
from pathlib import Path

import pytest

from tests import databases
from tests.installations import another, data_of, python
from tests.servers import Server

MADE = "from tests import factories; factories.a_batch(factories.a_list(), 20)"
COUNTED = "from promint.core.models import Code; print(Code.objects.count())"


def _killed(server: Server, where: str, *words: str) -> None:
    """Run a command that is killed there."""
    server.environment["PROMINT_FAILPOINT"] = where
    done = server.run(*words)
    del server.environment["PROMINT_FAILPOINT"]
    assert done.returncode == -signal.SIGKILL, done.stderr


def _an_installation(directory: Path) -> Server:
    server = another(directory, "ours")
    server.succeed("migrate")
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
