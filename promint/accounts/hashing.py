"""Hashing passwords, which is slow on purpose: two at a time, a few more wait, all others are told
to come back. So strangers who try passwords take neither the memory nor the threads."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2
WAITING = 4
LONGEST_WAIT = timedelta(seconds=1)


class Argon2(Argon2PasswordHasher):
    """OWASP's smallest parameters, which fit a small machine: 19 MiB, two rounds, one lane.

    A password that was hashed with others is hashed again at the next sign-in. Two threads do all
    hashing, because each thread that hashes keeps the memory for the next time.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        encoded: str = _threads.submit(super().encode, password, salt).result()
        return encoded

    def verify(self, password: str, encoded: str) -> bool:
        right: bool = _threads.submit(super().verify, password, encoded).result()
        return right


class Crowded(Exception):
    """Too many passwords are being hashed right now. Nothing happened."""


_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hashing")
_places = threading.BoundedSemaphore(AT_ONCE)
_room = threading.BoundedSemaphore(AT_ONCE + WAITING)


@contextmanager
def a_place() -> Iterator[None]:
    """Held while a stranger's password is hashed. Raises Crowded at once, or after a second."""
    if not _room.acquire(blocking=False):
        raise Crowded
    try:
        if not _places.acquire(timeout=LONGEST_WAIT.total_seconds()):
            raise Crowded
        try:
            yield
        finally:
            _places.release()
    finally:
        _room.release()
