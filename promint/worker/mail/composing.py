"""A complete mail: its headers, and the same text as plain text and as HTML."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from promint.core.models import QueuedMail
from promint.core.rules import checks


def message(mail: QueuedMail, subject: str, template: str, told: dict[str, Any]) -> EmailMessage:
    """`template`: the name of a template without its ending; there is one in .txt and one in
    .html."""
    sent = EmailMessage(SMTP)
    sent["Subject"] = " ".join(subject.split())
    sent["From"] = settings.DEFAULT_FROM_EMAIL
    sent["To"] = checks.mail_address(mail.address) or mail.address
    sent["Date"] = formatdate(mail.created_at.timestamp())
    sent["Message-ID"] = f"<{mail.public_id}@{urlsplit(settings.BASE_URL).hostname}>"
    sent["Auto-Submitted"] = "auto-generated"  # prevents automatic replies
    # Who opens the file of a mail can read it, and follow its link, which stays in one line.
    cte = None if settings.EMAIL_URL else "8bit"
    sent.set_content(render_to_string(f"{template}.txt", told), cte=cte)
    sent.add_alternative(render_to_string(f"{template}.html", told), subtype="html", cte=cte)
    return sent
