"""Servers without a proxy in front and with few descriptors, as strangers reach them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.abuse.watch import DESCRIPTORS
from tests.servers import PROGRAM, Server

FEW = ("sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$@"', "sh")


class Usual(Server):
    program = (*FEW, PROGRAM)


class Hurried(Server):
    program = (*FEW, sys.executable, "-m", "tests.abuse.hurried")


@pytest.fixture
def open_to_strangers(tmp_path: Path) -> Iterator[Server]:
    """`promint web` with its real deadlines."""
    yield from _serve(Usual, tmp_path)


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[Server]:
    """The same with deadlines that are 20 times as short."""
    yield from _serve(Hurried, tmp_path)


def _serve(kind: type[Server], directory: Path) -> Iterator[Server]:
    with kind.on_this_database(directory) as server:
        server.web()
        yield server
