"""The command promint: a file for each family of subcommands."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from promint.cli import bulk, database, installation, moving, people, processes
from promint.cli.told import FAILED, INTERRUPTED, USAGE, say
from promint.environment import BadSetting


def main(arguments: Sequence[str] | None = None) -> None:
    os.umask(0o077)  # files are readable by this user only: they hold codes, sessions, the secret
    options = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promint.settings")
    if options.command in processes.STAY:
        processes.end_well_when_told()
    else:  # a command tells itself what it does, also where it does a worker's work
        logging.getLogger("promint.worker").setLevel(logging.WARNING)
    try:
        if options.command is not database.check_surroundings:
            _set_up(options)
        status = options.command(options)
    except BadSetting as error:
        sys.exit(say(str(error), USAGE))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # who read the output wants no more of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except Exception as error:
        sys.exit(_explain(error))
    sys.exit(status or 0)


def _set_up(options: argparse.Namespace) -> None:
    import django

    django.setup()
    if options.command not in USE_WHAT_IS_NOT_WHOLE:
        database.check_whole()
    if options.command in processes.STAY:
        from promint.installation import announce

        announce()
    if options.command not in MIGRATE_THEMSELVES:
        database.check_migrated()


def _explain(error: Exception) -> int:
    """Print a sentence for an error that an operator can fix. Any other error is a defect and
    shown in full."""
    from django.db import DatabaseError, OperationalError
    from django.db.migrations.exceptions import MigrationSchemaMissing

    from promint.cli.migrating import GaveUp
    from promint.core.rules import Refused
    from promint.core.shared_files import StoreFails
    from promint.core.storage import Busy, OutcomeUnknown
    from promint.installation import Ended

    if isinstance(error, Refused):
        for field, problem in error.fields.items():
            print(f"{field}: {problem}", file=sys.stderr)
        return say(error.detail, FAILED)
    if isinstance(error, Ended | GaveUp):
        return say(str(error), FAILED)
    if isinstance(error, OutcomeUnknown):
        return say(
            f"It is not certain whether this was done: {error.__cause__}"
            " Look before you run the command again.",
            FAILED,
        )
    if isinstance(error, StoreFails):
        return say(str(error), FAILED)
    if isinstance(error, OSError) and error.strerror:
        return say(f"{error.strerror}{f': {error.filename}' if error.filename else ''}", FAILED)
    reason = "".join(str(error.__cause__ or error).strip().splitlines()[:1])
    if isinstance(error, Busy | OperationalError):
        return say(f"The database does not answer. {reason}", FAILED)
    if isinstance(error, DatabaseError | MigrationSchemaMissing) and _is_the_operators(reason):
        return say(f"The database refuses: {reason}", FAILED)
    raise error


def _is_the_operators(reason: str) -> bool:
    """Whether rights, room or a damaged file are the reason, and not a defect of Promint."""
    return any(words in reason for words in _OF_OPERATORS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="promint", description="Self-hosted promo codes.")
    parser.add_argument("--version", action="version", version=f"promint {version('promint')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for family in (processes, people, bulk, moving, database, installation):
        family.register(commands)
    return parser


_OF_OPERATORS = (
    "permission denied",
    "disk is full",
    "malformed",
    "not a database",
    "must be owner",
)
USE_WHAT_IS_NOT_WHOLE = (database.migrate, installation.restore)
MIGRATE_THEMSELVES = (processes.up, database.migrate, database.demo, installation.restore)
