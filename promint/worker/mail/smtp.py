"""Sends a mail through the SMTP server of PROMINT_EMAIL_URL, or writes it to a file without one.

A mail counts as sent once the server has accepted it. If this process ends or the connection breaks
after that and before it is noted, the mail is sent again with the same Message-ID. No protocol can
prevent this.
"""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from promint.core import failpoints
from promint.core.storage import stored_files
from promint.worker import reasons

TIMEOUT = 20.0  # seconds that the server may take for each answer
PORTS = {"smtp": 25, "smtps": 465}
REASON_CHARACTERS = 300


class Undeliverable(Exception):
    """The receiver refused the mail for good. The words are the receiver's."""


class TryLater(Exception):
    """The mail was not accepted, but may be later."""


def send(message: EmailMessage) -> None:
    """Send to the one address in its To header. Raises Undeliverable or TryLater."""
    if settings.EMAIL_URL is None:
        _write(message)
        return
    with _trouble_is_for_later():
        try:
            _deliver(message, urlsplit(settings.EMAIL_URL))
        except smtplib.SMTPRecipientsRefused as refused:
            ((code, words),) = refused.recipients.values()
            raise _meaning(code, words) from refused
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            raise _meaning(refused.smtp_code, refused.smtp_error) from refused


def greet() -> bool:
    """Connect and sign in as for a mail, and send none. Returns whether the connection was
    encrypted. Raises TryLater."""
    assert settings.EMAIL_URL is not None, "files need no server"
    server = urlsplit(settings.EMAIL_URL)
    with _trouble_is_for_later():
        session = _connect(server)
        try:
            _sign_in(session, server)
            encrypted = isinstance(session.sock, ssl.SSLSocket)
            with suppress(OSError, smtplib.SMTPException):
                session.quit()  # it has said all that was asked
        finally:
            session.close()
    return encrypted


@contextmanager
def _trouble_is_for_later() -> Iterator[None]:
    """The server could not be reached, or refused us and not the mail."""
    try:
        yield
    except smtplib.SMTPResponseException as refused:
        raise TryLater(_reason(refused.smtp_code, refused.smtp_error)) from refused
    except (OSError, smtplib.SMTPException) as error:
        why = _one_line(reasons.of_connection(error))
        raise TryLater(f"The mail server could not be reached: {why}.") from error


def _meaning(code: int, words: bytes | str) -> Exception:
    return (Undeliverable if code >= 500 else TryLater)(_reason(code, words))


def _reason(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _one_line(f"{code} {text}")


def _one_line(words: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(printable.split())[:REASON_CHARACTERS]


def _deliver(message: EmailMessage, server: SplitResult) -> None:
    session = _connect(server)
    try:
        _sign_in(session, server)
        sender, receiver = parseaddr(message["From"])[1], parseaddr(message["To"])[1]
        session.send_message(message, sender, [receiver])
        failpoints.reach("mails.accepted")
        with suppress(OSError, smtplib.SMTPException):
            session.quit()  # it is accepted, whatever the server answers to this
    finally:
        session.close()


def _connect(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or PORTS[server.scheme]
    name = socket.gethostname()  # the default asks the name server, which can take long
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT, context=_trusting_known())
    return smtplib.SMTP(host, port, name, timeout=TIMEOUT)


def _sign_in(session: smtplib.SMTP, server: SplitResult) -> None:
    """Uses STARTTLS where the server offers it. Before a password is sent, the server must prove
    its identity. Without a password, encryption to an unproven server is still better than none."""
    session.ehlo_or_helo_if_needed()
    if server.scheme == "smtp" and session.has_extn("starttls"):
        session.starttls(context=_trusting_known() if server.username else _trusting_anyone())
        session.ehlo()
    if server.username:
        session.login(unquote(server.username), unquote(server.password or ""))


def _trusting_known() -> ssl.SSLContext:
    return ssl.create_default_context()


def _trusting_anyone() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _write(message: EmailMessage) -> None:
    """Write the mail to a file in the directory of mails. The same mail replaces its file."""
    name = (
        stored_files.directory("mails") / f"{message['Message-ID'].strip('<>').split('@')[0]}.eml"
    )
    part = name.with_name(f".{name.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with stored_files.create(part) as file:
        file.write(bytes(message))
        stored_files.finish(file, name)
