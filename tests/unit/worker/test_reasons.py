"""People read a sentence about an error, without the error's own message."""

import errno
import socket
import ssl

import httpx
import pytest
from django.db import DataError, IntegrityError, OperationalError

from promint.worker import reasons


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "Make room on it"),
        (OSError(errno.EACCES, "Permission denied", "/data/x"), "Permission denied."),
        (DataError('invalid byte in "SPR-4KQ7"'), "The database refused a step"),
        (OperationalError("database or disk is full"), "The database refused a step"),
        (IntegrityError("UNIQUE constraint failed: core_code.value"), "The database refused"),
        (MemoryError(), "too little free memory"),
        (KeyError("SPR-4KQ7"), "an error in Promint"),
    ],
)
def test_why_a_job_failed_is_said_and_what_to_do(error: Exception, said: str) -> None:
    reason = reasons.of_job(error)
    assert said in reason
    assert reason.endswith(".")
    for inner in ("SPR-4KQ7", "core_code", "/data", type(error).__name__, "Errno"):
        assert inner not in reason


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "name or service not known"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "connection refused"),
        (
            ssl.SSLCertVerificationError(
                1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:1000)"
            ),
            "certificate verify failed",
        ),
        (OSError(), "the connection broke"),
    ],
)
def test_why_another_server_was_not_reached_is_a_few_words(error: Exception, said: str) -> None:
    assert reasons.of_connection(error) == said
