"""Servers without a proxy in front and with few descriptors, as strangers reach them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.abuse.watch import few_descriptors
from tests.servers import Server


class Hurried(Server):
    program = (sys.executable, "-m", "tests.abuse.hurried")


@pytest.fixture
def open_to_strangers(tmp_path: Path) -> Iterator[Server]:
    """`promint web` with its real deadlines."""
    yield from _serve(Server, tmp_path)


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[Server]:
    """The same with deadlines that are 20 times as short."""
    yield from _serve(Hurried, tmp_path)


def _serve(kind: type[Server], directory: Path) -> Iterator[Server]:
    with kind.on_this_database(directory) as server:
        with few_descriptors():
            server.web()
        yield server
