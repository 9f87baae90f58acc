"""promint up, web and worker: processes that run until they are told to end."""

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from promint.cli import database
from promint.cli.told import FAILED, USAGE, say

if TYPE_CHECKING:
    from promint.server import supervisor

MOST_PROCESSES = 64


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, command, words in (
        ("up", up, "migrate, then web and worker under one supervisor"),
        ("web", web, "the web process alone"),
    ):
        serve = commands.add_parser(name, help=words)
        serve.add_argument("--host", default="127.0.0.1")
        serve.add_argument("--port", type=int, default=8000)
        serve.add_argument("--processes", type=_count, default=1, help="web processes on the port")
        serve.set_defaults(command=command)
    commands.add_parser("worker", help="the worker alone").set_defaults(command=worker)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"use a whole number from 1 to {MOST_PROCESSES}")
    return int(text)


def end_well_when_told(before: Callable[[], None] = lambda: None) -> None:
    """Calls `before` and ends on SIGTERM and SIGINT until a command handles these itself. uvicorn
    raises them again when it has finished.

    It ends at once, because an exception could be raised in a callback of an import, where it is
    lost.
    """

    def end(*_: object) -> None:
        before()
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def up(options: argparse.Namespace) -> None:
    from django.db import connections

    from promint.server import supervisor

    with _listening(options) as accepting, _measured("supervisor"):
        database.migrate(options)
        connections.close_all()
        supervisor.run([*_webs(options, accepting), supervisor.Child("worker", ["worker"])])


def web(options: argparse.Namespace) -> None:
    """Run one web process, or several of them under a parent."""
    from promint.server import listening, supervisor

    if inherited := listening.inherited():
        with _measured("web"):
            _serve(options, inherited)
        return
    alone = options.processes == 1
    with _listening(options) as accepting, _measured("web" if alone else "supervisor"):
        if alone:
            _serve(options, accepting)
        else:
            supervisor.run(_webs(options, accepting))


@contextmanager
def _measured(place: str) -> Iterator[None]:
    """Count what happens, if PROMINT_METRICS says so, and serve the figures of all processes of
    this command."""
    from django.conf import settings

    from promint.server import metrics, supervisor

    if not settings.METRICS.on:
        yield
        return
    accepting = None
    if settings.METRICS.address is not None and not supervisor.is_child():
        accepting = _accepting_metrics(*settings.METRICS.address)
    metrics.begin(place)
    end_well_when_told(metrics.end)
    try:
        if accepting is not None:
            metrics.serve(accepting)
        yield
    finally:
        metrics.end()


def _listening(options: argparse.Namespace) -> socket.socket:
    """The listening socket. What is wrong is said at once, instead of restarting a web process
    for ever."""
    from promint.core.storage import on_postgresql
    from promint.server import listening

    if options.processes > 1 and not on_postgresql():
        sentence = "SQLite serves one web process: leave --processes out, or use PostgreSQL."
        sys.exit(say(sentence, USAGE))
    try:
        return listening.listen(options.host, options.port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        sentence = f"--port {options.port} on {options.host} cannot be used: {reason}."
        sys.exit(say(sentence, FAILED))


def _accepting_metrics(host: str, port: int) -> socket.socket:
    from promint.server import listening

    try:
        return listening.listen(host, port)
    except OSError as error:
        sentence = f"PROMINT_METRICS: {host}:{port} cannot be used: {error.strerror}."
        sys.exit(say(sentence, FAILED))


def _webs(options: argparse.Namespace, accepting: socket.socket) -> "list[supervisor.Child]":
    from promint.server import supervisor

    many = options.processes > 1
    return [
        supervisor.Child(
            f"web {place + 1}" if many else "web",
            ["web", "--host", options.host, "--port", str(options.port)],
            longest_delay=supervisor.LONGEST_WEB_DELAY,
            accepting=accepting,
        )
        for place in range(options.processes)
    ]


def _serve(options: argparse.Namespace, accepting: socket.socket) -> None:
    from promint.core import traces
    from promint.server import http_server, supervisor

    supervisor.stop_with_parent()
    traces.turn_on()
    logging.getLogger("promint").info("Serving http://%s:%d", options.host, options.port)
    server = http_server.HttpServer()
    server.run(sockets=[accepting])
    if not server.started:
        sys.exit(FAILED)


def worker(options: argparse.Namespace) -> None:
    from promint.core import traces
    from promint.server import supervisor
    from promint.worker import loop

    supervisor.stop_with_parent()
    traces.turn_on()
    with _measured("worker"):
        loop.run()


STAY = (up, web, worker)  # run until they are told to end
