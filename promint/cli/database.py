"""promint migrate, demo, doctor and check: commands for the whole database."""

import argparse
import sys

from promint.cli.told import FAILED, OWN_LISTS, say


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    migrating = commands.add_parser("migrate", help="bring the database up to date")
    migrating.set_defaults(command=migrate)
    commands.add_parser("demo", help="load demo data, once").set_defaults(command=demo)
    doctor = commands.add_parser("doctor", help="check every invariant in the database")
    doctor.add_argument("--repair", action="store_true", help="correct counters, nothing else")
    doctor.set_defaults(command=check_invariants)
    check = commands.add_parser("check", help="look at everything around it, before going live")
    check.set_defaults(command=check_surroundings)


def migrate(options: argparse.Namespace) -> None:
    from promint.cli import migrating

    migrating.migrate()


def check_whole() -> None:
    from django.db import connection

    from promint.core.storage import why_not_whole

    if why := why_not_whole():
        sys.exit(say(why, FAILED))
    connection.close()


def check_migrated() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sys.exit(say("The database is not up to date: run promint migrate first.", FAILED))
    connection.close()


def demo(options: argparse.Namespace) -> int:
    from promint import demo as demo_data

    migrate(options)
    try:
        print("Demo data loaded." if demo_data.load() else "The demo data is here already.")
    except demo_data.OwnLists as refusal:
        return say(str(refusal), OWN_LISTS)
    print(demo_data.SIGN_IN)
    return 0


def check_invariants(options: argparse.Namespace) -> int:
    from promint.core import doctor

    if options.repair:
        for subject in doctor.repair(actor="console"):
            print(f"repaired  {subject}")
    findings = doctor.check()
    for finding in findings:
        print(finding.line)
    return 0 if all(finding.holds for finding in findings) else FAILED


def check_surroundings(options: argparse.Namespace) -> int:
    """Reads the settings itself, because wrong ones are what it reports."""
    from promint import readiness

    worst = readiness.Mark.FINE
    for line in readiness.look():
        print(line.text, flush=True)  # one by one: a server may take long to answer
        worst = max(worst, line.mark)
    return FAILED if worst is readiness.Mark.NOT_FINE else 0
