"""SMTP servers that accept mail, refuse it, or do not answer at all."""

import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests import databases

Answer = Callable[[str, int], str]  # to a receiver's address at its 1st, 2nd, … try


class Inbox:
    """The mails that arrived. `answer` is the reply to the receiver's address."""

    def __init__(self, answer: Answer = lambda address, tries: "250 OK") -> None:
        self.envelopes: list[Envelope] = []
        self.tries = 0
        self._answer = answer

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries += 1
        answer = self._answer(address, self.tries)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        return "250 Accepted"

    @property
    def mails(self) -> list[EmailMessage]:
        return [
            message_from_bytes(e.original_content or b"", policy=policy.default)
            for e in self.envelopes
        ]

    @property
    def receivers(self) -> list[str]:
        return sorted(address for e in self.envelopes for address in e.rcpt_tos)


@contextmanager
def serving(inbox: Inbox, port: int | None = None, **options: Any) -> Iterator[str]:
    """A server's PROMINT_EMAIL_URL. `options`: those of aiosmtpd."""
    controller = Controller(
        inbox, hostname=databases.HOST, port=port or databases.free_port(), **options
    )
    controller.start()
    try:
        yield f"smtp://{databases.HOST}:{controller.port}"
    finally:
        controller.stop()


@contextmanager
def hanging() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server((databases.HOST, 0)) as listener:
        yield f"smtp://{databases.HOST}:{listener.getsockname()[1]}"


def own_certificate(directory: Path) -> ssl.SSLContext:
    """TLS with a certificate that no authority has signed."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def knows(name: bytes, password: bytes) -> Callable[..., AuthResult]:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data == LoginPassword(name, password), handled=False)

    return check
