"""promint backup and restore, as an operator runs them."""

import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from promint.installation import Ended, postgresql_tools
from tests import databases
from tests.factories import a_list
from tests.faults.journal import Crowd
from tests.installations import (
    add_a_list,
    add_a_multi_use_list,
    another,
    claim,
    customers_of,
    data_of,
    migrated,
    python,
)
from tests.servers import Server, end, wait_until

CODE = "AllOfUs"
LATER = "from promint.installation import backup; from pathlib import Path\n"


def test_a_backup_under_claims_has_all_that_was_acknowledged_before_it(tmp_path: Path) -> None:
    ours, theirs = migrated(tmp_path, "ours"), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    with ours:
        process = ours.up()
        promo_list = add_a_multi_use_list(ours, CODE)
        with Crowd(ours, [CODE]) as crowd:
            wait_until(lambda: crowd.acknowledged > 100, 60)
            answers = crowd.journal.answers.copy()  # others go on adding to it
            before = {key for key, (status, _) in answers.items() if status == 201}
            ours.succeed("backup", str(file))
            wait_until(lambda: crowd.acknowledged > len(before) + 50, 60)
        end(process)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "theirs") == []
    told = theirs.succeed("restore", str(file)).splitlines()
    assert told[0].startswith("Restored the backup")
    assert {line.split()[0] for line in told[1:]} == {"ok"}
    restored = customers_of(theirs, promo_list)
    assert {crowd.journal.intents[key][1] for key in before} <= restored
    assert restored <= {customer for _, customer in crowd.journal.intents.values()}
    _serves_on(theirs, ours.claim_key, crowd, min(before))


def _serves_on(server: Server, key: str, crowd: Crowd, claimed: str) -> None:
    """The API key is valid, and a claim sent again gets its first answer."""
    server.__dict__["claim_key"] = key
    with server:
        server.up()
        code, customer = crowd.journal.intents[claimed]
        again = claim(server, code, customer, claimed)
        assert (again.status_code, again.content) == crowd.journal.answers[claimed]
        assert claim(server, CODE, "somebody new", "new").status_code == 201
    server.succeed("doctor")


def test_files_and_secrets_come_back(tmp_path: Path) -> None:
    ours, theirs = migrated(tmp_path, "ours"), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    with ours:
        ours.web()
        worker = ours.worker()
        partners, own = add_a_list(ours, type="third_party"), add_a_list(ours)
        batch = ours.manage.post(f"/lists/{own}/batches", json={"quantity": 50}).json()["id"]
        wait_until(lambda: ours.manage.get(f"/batches/{batch}").json()["status"] == "active", 60)
        asked = {"list": own, "format": "csv"}
        export = ours.manage.post("/exports", json=asked).json()["id"]
        wait_until(lambda: ours.manage.get(f"/exports/{export}").json()["status"] == "active", 60)
        hook = {"url": "https://shop.example/hook", "events": ["claim.created"]}
        ours.manage.post("/webhooks", json=hook).raise_for_status()
        csv = ours.manage.get(f"/exports/{export}/file").content
        end(worker)  # so that the upload waits
        sent = {"file": ("codes.csv", b"code\nAAA1\nBBB2\n")}
        upload = ours.manage.post(f"/lists/{partners}/uploads", files=sent).json()["id"]
        (data_of(ours) / "uploads" / "stray").write_text("of no job")
        in_files = 2 if databases.cluster is None else 0  # elsewhere they are in the database
        assert f"with {in_files} kept files" in ours.succeed("backup", str(file))
    theirs.succeed("restore", str(file))
    assert not (data_of(theirs) / "uploads" / "stray").exists()
    theirs.__dict__["manage_key"] = ours.manage_key
    with theirs:
        theirs.up()
        assert theirs.manage.get(f"/exports/{export}/file").content == csv
        wait_until(lambda: theirs.manage.get(f"/batches/{upload}").json()["created"] == 2, 60)
    opened = "from promint.core.events import endpoints; from promint.core.models import Webhook\n"
    opened += "print(endpoints.secret_of(Webhook.objects.get()))"
    assert python(theirs, opened).startswith("whsec_")


def _an_installation(directory: Path, name: str = "ours") -> Server:
    """One with a list, and nobody who serves it."""
    server = migrated(directory, name)
    python(server, "from tests import factories; factories.a_batch(factories.a_list(), 20)")
    return server


def test_what_cannot_be_restored_is_refused_with_a_sentence(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file, other = tmp_path / "promint.backup", tmp_path / "other"
    ours.succeed("backup", str(file))
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 3] ^= 0xFF
    manifest = _manifest(file)
    for content, sentence in [
        (whole[: len(whole) // 2], "is no backup of Promint, or not a whole one."),
        (b"", "is no backup of Promint, or not a whole one."),
        (bytes(damaged), "is damaged: database."),
        (_with(file, manifest | {"format": 2}), "format 2 of backups"),
        (_with(file, manifest | {"promint": "99.0"}), "99.0, which is newer than this one"),
        (_with(file, manifest | {"migrations": ["core.9999_new"]}), "(it has core.9999_new)"),
        (_with(file, manifest | {"database": "other"}), "This is a backup of other"),
    ]:
        other.write_bytes(content)
        _refuses(theirs, other, sentence)
    _refuses(theirs, tmp_path / "missing", "No such file")
    _refuses(ours, file, "This database has lists already.")
    theirs.environment["PROMINT_SECRET_KEY"] = "another secret of ours"
    _refuses(theirs, file, "PROMINT_SECRET_KEY is not the secret of this backup")
    del theirs.environment["PROMINT_SECRET_KEY"]
    theirs.succeed("restore", str(file))


def _refuses(server: Server, file: Path, sentence: str) -> None:
    done = server.run("restore", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def _manifest(file: Path) -> dict[str, object]:
    return dict(json.loads(zipfile.ZipFile(file).read("manifest.json")))


def _with(file: Path, manifest: dict[str, object]) -> bytes:
    """The backup with another manifest."""
    changed = file.with_name("changed")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist()[:-1]:
            new.writestr(name, old.read(name))
        new.writestr("manifest.json", json.dumps(manifest))
    return changed.read_bytes()


def test_an_installation_that_runs_is_not_restored_into(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    ours.succeed("backup", str(file))
    with theirs:
        process = theirs.up()
        _refuses(theirs, file, "Stop promint up, web and worker on all machines first.")
        end(process)
    theirs.succeed("restore", str(file))


def test_a_backup_of_an_older_promint_is_brought_up_to_date(tmp_path: Path) -> None:
    ours, theirs = _an_installation(tmp_path), another(tmp_path, "theirs")
    file = tmp_path / "promint.backup"
    back = "from django.core.management import call_command\n"
    back += "call_command('migrate', 'accounts', '0003', verbosity=0)\n"
    python(ours, back + LATER + f"backup(Path({str(file)!r}), lambda *_: None)")
    assert "accounts.0004_warnings_of_lists" not in str(_manifest(file)["migrations"])
    theirs.succeed("restore", str(file))
    theirs.succeed("doctor")


def test_a_backup_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    a_list()
    server = Server.on_this_database(tmp_path)
    done = server.run("backup", str(tmp_path / "missing" / "promint.backup"))
    assert done.returncode == 1
    assert "cannot be written: No such file or directory." in done.stderr


def test_a_tool_that_is_missing_or_too_old_is_named(
    on_postgresql: databases.Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Ended, match=r"pg_other is not installed\. It must be that of PostgreSQL"):
        postgresql_tools.find("pg_other")
    old = tmp_path / "pg_other"
    old.write_text("#!/bin/sh\necho 'pg_other (PostgreSQL) 9.6'\n")
    old.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Ended, match=r"pg_other \(PostgreSQL\) 9.6 is older than PostgreSQL"):
        postgresql_tools.find("pg_other")
