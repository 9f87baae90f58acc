"""promint backup, restore and copy: the whole installation at once."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from promint.cli import database
from promint.cli.progress import Progress
from promint.cli.told import FAILED, say


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backing = commands.add_parser("backup", help="write the whole installation to one file")
    backing.add_argument("file", metavar="FILE", type=Path)
    backing.set_defaults(command=_backup)
    restoring = commands.add_parser("restore", help="bring a backup into an empty installation")
    restoring.add_argument("file", metavar="FILE", type=Path)
    restoring.set_defaults(command=restore)
    copying = commands.add_parser("copy", help="copy everything into another, empty database")
    copying.add_argument("--to", required=True, metavar="URL", help="like PROMINT_DATABASE_URL")
    copying.set_defaults(command=_copy)


def _backup(options: argparse.Namespace) -> int:
    from promint import installation

    with Progress() as progress:
        taken = installation.backup(options.file, progress.show)
    for path in taken.missing:
        print(f"promint: {path} is not there, and a job needs it.", file=sys.stderr)
    print(
        f"{options.file}: {taken.size:,} bytes, with {taken.files:,} kept files. Whoever can read"
        " it has every code and the secret key."
    )
    return 0


def restore(options: argparse.Namespace) -> int:
    from promint import installation

    with Progress() as progress:
        manifest = installation.restore(options.file, progress.show)
    print(f"Restored the backup that Promint {manifest.promint} made at {manifest.made_at}.")
    if database.check_invariants(argparse.Namespace(repair=False)):
        return say("The backup is restored, and the doctor found what is said above.", FAILED)
    return 0


def _copy(options: argparse.Namespace) -> int:
    from promint import installation

    begun = time.monotonic()
    with Progress() as progress:
        copied = installation.copy(options.to, progress.show)
    for one in copied:
        print(f"{one.rows:>12,}  {one.table}")
    rows, seconds = sum(one.rows for one in copied), time.monotonic() - begun
    print(f"{rows:>12,}  rows in {seconds:,.0f} s, counted and compared", flush=True)
    return _doctor_on_both(options.to)


def _doctor_on_both(url: str) -> int:
    from promint import installation

    words = [sys.executable, "-P", "-m", "promint.cli", "doctor"]
    failed = False
    for name, environment in (("source", None), ("copy", installation.environment_with(url))):
        print(f"The doctor on the {name}:", flush=True)
        failed |= subprocess.run(words, env=environment).returncode != 0
    return FAILED if failed else 0
