"""The one program of Promint: its processes, its accounts and keys, its bulk work, its doctor."""

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence

from promint import cli_bulk
from promint.environment import BadSetting

USAGE, FAILED, OWN_LISTS = 2, 1, 3  # exit statuses


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "promint.settings")
    if options.command in STAY:
        _end_well_when_told()
    try:
        import django

        django.setup()
        if options.command not in MIGRATE_THEMSELVES:
            _check_migrated()
        status = options.command(options)
    except BadSetting as error:
        sys.exit(_say(str(error), USAGE))
    except Exception as error:
        sys.exit(_explain(error))
    sys.exit(status or 0)


def _end_well_when_told() -> None:
    """Until a command handles these itself; uvicorn raises them again when it is done.

    At once: an exception could be raised in a callback of an import, where it is lost.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def _say(sentence: str, status: int) -> int:
    print(f"promint: {sentence}", file=sys.stderr)
    return status


def _explain(error: Exception) -> int:
    """A sentence for what an operator can mend; anything else is a defect, shown in full."""
    from django.db import OperationalError

    from promint.core.rules import Refused
    from promint.core.transactions import Busy

    if isinstance(error, Refused):
        for field, problem in error.fields.items():
            print(f"{field}: {problem}", file=sys.stderr)
        return _say(error.detail, FAILED)
    if isinstance(error, Busy | OperationalError):
        reason = str(error.__cause__ or error).strip().splitlines()[:1]
        return _say(f"The database does not answer. {''.join(reason)}", FAILED)
    raise error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="promint", description="Self-hosted promo codes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, words in (
        ("up", _up, "migrate, then web and worker under one supervisor"),
        ("web", _web, "the web process alone"),
    ):
        serve = commands.add_parser(name, help=words)
        serve.add_argument("--host", default="127.0.0.1")
        serve.add_argument("--port", type=int, default=8000)
        serve.set_defaults(command=command)
    commands.add_parser("worker", help="the worker alone").set_defaults(command=_worker)
    commands.add_parser("migrate", help="bring the database up to date").set_defaults(
        command=_migrate
    )
    _add_user_and_key(commands)
    cli_bulk.register(commands)
    commands.add_parser("demo", help="load demo data, once").set_defaults(command=_demo)
    doctor = commands.add_parser("doctor", help="check every invariant in the database")
    doctor.add_argument("--repair", action="store_true", help="correct counters, nothing else")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_user_and_key(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from promint.accounts.roles import Role, Scope

    user = commands.add_parser("user", help="staff accounts").add_subparsers(required=True)
    create = user.add_parser("create", help="a staff account")
    create.add_argument("email")
    create.add_argument("--role", required=True, choices=[role.value for role in Role])
    create.add_argument("--password-stdin", required=True, action="store_true")
    create.set_defaults(command=_create_user)
    key = commands.add_parser("key", help="API keys").add_subparsers(required=True)
    create = key.add_parser("create", help="an API key, shown once")
    create.add_argument("name")
    create.add_argument(
        "--scope", required=True, action="append", choices=[scope.value for scope in Scope]
    )
    create.set_defaults(command=_create_key)


def _up(options: argparse.Namespace) -> None:
    from django.db import connections

    from promint import supervisor

    _check_address(options.host, options.port)
    _migrate(options)
    connections.close_all()
    address = ["--host", options.host, "--port", str(options.port)]
    supervisor.run({"web": ["web", *address], "worker": ["worker"]})


def _check_address(host: str, port: int) -> None:
    """Say at once that a port is taken, instead of restarting a web process for ever."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            sys.exit(_say(f"--port {port} on {host} cannot be used: {reason}.", FAILED))


def _web(options: argparse.Namespace) -> None:
    from uvicorn import Config

    from promint import supervisor
    from promint.http_server import HttpServer

    supervisor.stop_with_parent()
    logging.getLogger("promint").info("Serving http://%s:%d", options.host, options.port)
    config = Config(
        "promint.asgi:application",
        host=options.host,
        port=options.port,
        log_config=None,
        log_level="warning",
        access_log=False,  # it would write paths, and two of them hold codes
        server_header=False,
        timeout_graceful_shutdown=7,
    )
    server = HttpServer(config)
    server.run()
    if not server.started:
        sys.exit(FAILED)


def _worker(options: argparse.Namespace) -> None:
    from promint import supervisor
    from promint.worker import loop

    supervisor.stop_with_parent()
    loop.run()


def _migrate(options: argparse.Namespace) -> None:
    """One process at a time: on PostgreSQL by a lock, on SQLite by the file's own."""
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def _check_migrated() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sys.exit(_say("The database is not up to date: run promint migrate first.", FAILED))
    connection.close()


MIGRATION_LOCK = 0x70726F6D696E74  # any number, the same for every process


def _create_user(options: argparse.Namespace) -> None:
    from promint.accounts import staff
    from promint.accounts.roles import Role

    password = sys.stdin.readline().rstrip("\r\n")
    staff.create(options.email, Role(options.role), password, actor="console")


def _create_key(options: argparse.Namespace) -> None:
    from promint.accounts import keys
    from promint.accounts.roles import Scope

    _, key = keys.create(options.name, [Scope(scope) for scope in options.scope], actor="console")
    print(key)


def _demo(options: argparse.Namespace) -> int:
    from promint import demo

    _migrate(options)
    try:
        print("Demo data loaded." if demo.load() else "The demo data is here already.")
    except demo.OwnLists as refusal:
        return _say(str(refusal), OWN_LISTS)
    print(demo.SIGN_IN)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from promint.core import doctor

    if options.repair:
        for subject in doctor.repair(actor="console"):
            print(f"repaired  {subject}")
    findings = doctor.check()
    for finding in findings:
        print(finding.line)
    return 0 if all(finding.holds for finding in findings) else FAILED


MIGRATE_THEMSELVES = (_up, _migrate, _demo)
STAY = (_up, _web, _worker)  # until they are told to end


if __name__ == "__main__":
    main()
