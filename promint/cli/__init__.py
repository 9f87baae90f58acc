"""The command promint: a file for each family of subcommands."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from promint.cli import bulk, database, installation, moving, people, processes
from promint.cli.told import FAILED, USAGE, say
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
    from django.db import OperationalError

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
    if isinstance(error, Busy | OperationalError):
        reason = str(error.__cause__ or error).strip().splitlines()[:1]
        return say(f"The database does not answer. {''.join(reason)}", FAILED)
    raise error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="promint", description="Self-hosted promo codes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for family in (processes, people, bulk, moving, database, installation):
        family.register(commands)
    return parser


USE_WHAT_IS_NOT_WHOLE = (database.migrate, installation.restore)
MIGRATE_THEMSELVES = (processes.up, database.migrate, database.demo, installation.restore)
