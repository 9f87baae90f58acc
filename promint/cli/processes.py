"""promint up, web and worker: the processes that stay until they are told to end."""

import argparse
import logging
import os
import signal
import socket
import sys

from promint.cli import database
from promint.cli.told import FAILED, say


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, command, words in (
        ("up", up, "migrate, then web and worker under one supervisor"),
        ("web", web, "the web process alone"),
    ):
        serve = commands.add_parser(name, help=words)
        serve.add_argument("--host", default="127.0.0.1")
        serve.add_argument("--port", type=int, default=8000)
        serve.set_defaults(command=command)
    commands.add_parser("worker", help="the worker alone").set_defaults(command=worker)


def end_well_when_told() -> None:
    """Until a command handles these itself; uvicorn raises them again when it is done.

    At once: an exception could be raised in a callback of an import, where it is lost.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def up(options: argparse.Namespace) -> None:
    from django.db import connections

    from promint.server import supervisor

    _check_address(options.host, options.port)
    database.migrate(options)
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
            sys.exit(say(f"--port {port} on {host} cannot be used: {reason}.", FAILED))


def web(options: argparse.Namespace) -> None:
    from uvicorn import Config

    from promint.server import http_server, supervisor

    supervisor.stop_with_parent()
    logging.getLogger("promint").info("Serving http://%s:%d", options.host, options.port)
    config = Config(
        "promint.server.asgi:application",
        host=options.host,
        port=options.port,
        log_config=None,
        log_level="warning",
        access_log=False,  # it would write paths, and two of them hold codes
        server_header=False,
        timeout_graceful_shutdown=7,
    )
    server = http_server.HttpServer(config)
    server.run()
    if not server.started:
        sys.exit(FAILED)


def worker(options: argparse.Namespace) -> None:
    from promint.server import supervisor
    from promint.worker import loop

    supervisor.stop_with_parent()
    loop.run()


STAY = (up, web, worker)  # until they are told to end
