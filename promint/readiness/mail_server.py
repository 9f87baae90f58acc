"""Whether the mail server takes mails of ours: connected and signed in, and no mail is sent."""

from urllib.parse import urlsplit

from django.conf import settings

from promint.readiness.remark import Remark, fine, not_fine, warning
from promint.worker import mail


def look() -> list[Remark]:
    if settings.EMAIL_URL is None:
        kept = settings.DATA_DIR / "mails"
        ask = "set PROMINT_EMAIL_URL if people are to get them"
        return [warning(f"Mails are written as files to {kept} and sent to nobody: {ask}.")]
    server = urlsplit(settings.EMAIL_URL)
    try:
        encrypted = mail.greet()
    except mail.TryLater as trouble:
        words = str(trouble).rstrip(".")
        return [not_fine(f"{words} ({server.hostname}): correct PROMINT_EMAIL_URL or the server.")]
    return [_greeted(server.hostname or "", server.username is not None, encrypted)]


def _greeted(host: str, signed_in: bool, encrypted: bool) -> Remark:
    did = "signed in" if signed_in else "without signing in, as PROMINT_EMAIL_URL has no name"
    if encrypted:
        return fine(f"{host} answers: over TLS, {did}. No mail was sent.")
    said = f"{host} answers, but offers no TLS ({did}). No mail was sent."
    return warning(f"{said} Unless it is near, let it offer STARTTLS or use smtps://.")
