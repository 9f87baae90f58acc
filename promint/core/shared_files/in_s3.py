"""Files as objects in a bucket of S3, or of another store that has its interface.

The library is imported when it is needed, because only those have it who chose such a store.
Credentials and the store's address come from its usual variables, AWS_….
"""

import logging
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from promint.core import failpoints
from promint.core.shared_files.place import PIECE
from promint.core.storage import Busy

if TYPE_CHECKING:
    from obstore.store import S3Store

SCHEME = "s3:"
_PART = 8 * 1024 * 1024  # bytes sent at a time
_AT_ONCE = 2  # parts of a file; so each file that is sent takes about 24 MiB
_SAID = re.compile("<Code>([^<]{1,100})</Code>.*?<Message>([^<]{1,400})</Message>", re.DOTALL)
_TRIED_FOR = timedelta(seconds=15)

log = logging.getLogger("promint.files")


class InS3:
    piece = 2 * 1024 * 1024  # more than in the database, because each request takes longer

    def __init__(self, url: str) -> None:
        self._store = _store(url)

    def put(self, name: str, file: Path) -> None:
        """An object of several parts is there once the last request has joined them."""
        import obstore

        with _answering():
            if file.stat().st_size <= _PART:
                obstore.put(self._store, name, file.read_bytes(), use_multipart=False)
            else:
                pieces = _pieces(file)
                obstore.put(self._store, name, pieces, chunk_size=_PART, max_concurrency=_AT_ONCE)

    def delete(self, name: str) -> None:
        import obstore

        with _answering():
            obstore.delete(self._store, name)

    def size(self, name: str) -> int | None:
        import obstore

        with _answering():
            try:
                return obstore.head(self._store, name)["size"]
            except FileNotFoundError:
                return None

    def read(self, name: str, start: int, length: int) -> bytes:
        import obstore

        with _answering():
            try:
                return bytes(obstore.get_range(self._store, name, start=start, length=length))
            except FileNotFoundError:
                return b""

    def stored(self, directory: str) -> Iterator[tuple[str, datetime]]:
        import obstore

        with _answering():
            for found in obstore.list(self._store, f"{directory}/"):
                yield from ((one["path"], one["last_modified"]) for one in found)


@cache
def _store(url: str) -> "S3Store":
    """One for a process: it keeps its connections."""
    from obstore.store import S3Store

    parts = urlsplit(url)
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config={"disable_bulk_delete": True},  # which some stores do not have
        client_options={"allow_http": endpoint().startswith("http:"), "connect_timeout": "5s"},
        retry_config={"max_retries": 3, "retry_timeout": _TRIED_FOR},
    )


def endpoint() -> str:
    """The store's address; empty: that of Amazon."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""


class StoreFails(Busy):
    """The store does not answer, or refuses. The text is for the operator."""


@contextmanager
def _answering() -> Iterator[None]:
    """Raises StoreFails if the store does not answer or refuses, so that it is tried again. What
    is not found although nobody looks for it is the bucket."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        said = f"The store of files cannot be used: {_in_a_line(error)}"
        log.warning(said)
        raise StoreFails(said) from error


def _in_a_line(error: BaseException) -> str:
    """Where the store says what is wrong, its own words."""
    if said := _SAID.search(str(error)):
        return f"{said[1]}: {said[2]}"
    return " ".join(str(error).partition("Debug source")[0].split())[:500]


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece
            failpoints.reach("shared_files.between_pieces")


def look(url: str) -> str:
    """What is wrong with the store; empty if a file can be stored, listed, read and deleted."""
    place, name = InS3(url), f"check/{secrets.token_hex(8)}"
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"promint check")
            file.flush()
            place.put(name, Path(file.name))
        stored = [path for path, _ in place.stored("check")]
        whole = name in stored and place.read(name, 8, 5) == b"check"
        place.delete(name)
        gone = place.size(name) is None
    except StoreFails as failed:
        return _in_a_line(failed.__cause__ or failed)
    return "" if whole and gone else "it does not give back what was stored"
