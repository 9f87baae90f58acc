"""What an alert says: which list and batch, the counts, where to look. Never a code."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string

from promint.core.models import Batch, Mail
from promint.core.uploads import REASONS

SUBJECTS = {
    ("finished", "generated"): "Codes ready",
    ("finished", "upload"): "Upload finished",
    ("failed", "generated"): "Codes failed",
    ("failed", "upload"): "Upload failed",
}


def compose(mail: Mail) -> EmailMessage:
    batch = mail.batch
    subject = f"{SUBJECTS[mail.about, batch.source]}: {batch.list.name} – {batch.label}"
    message = EmailMessage(SMTP)
    message["Subject"] = " ".join(subject.split())
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = mail.address
    message["Date"] = formatdate(mail.created_at.timestamp())
    message["Message-ID"] = f"<{mail.public_id}@{urlsplit(settings.BASE_URL).hostname}>"
    message["Auto-Submitted"] = "auto-generated"  # nobody's absence note answers it
    told = _told(mail.about, batch)
    message.set_content(render_to_string("worker/alert.txt", told))
    message.add_alternative(render_to_string("worker/alert.html", told), subtype="html")
    return message


def _told(about: str, batch: Batch) -> dict[str, Any]:
    return {
        "about": about,
        "batch": batch,
        "list": batch.list,
        "link": f"{settings.BASE_URL}/lists/{batch.list.public_id}",
        "reasons": [
            (batch.reasons[r], words) for r, words in REASONS.items() if r in batch.reasons
        ],
        "all_known": batch.quantity > 0 and batch.reasons.get("code_exists") == batch.quantity,
    }
