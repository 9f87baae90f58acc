"""The text of an alert: list, batch, counts and where to look. Never a code."""

from email.message import EmailMessage
from typing import Any

from django.conf import settings

from promint.core.models import Batch, Mail
from promint.core.uploads import REASONS
from promint.worker.mail.composing import message

SUBJECTS = {
    ("finished", "generated"): "Codes ready",
    ("finished", "upload"): "Upload finished",
    ("failed", "generated"): "Codes failed",
    ("failed", "upload"): "Upload failed",
}


def compose(mail: Mail) -> EmailMessage:
    batch = mail.batch
    subject = f"{SUBJECTS[mail.about, batch.source]}: {batch.list.name} - {batch.label}"
    return message(mail, subject, "worker/alert", _told(mail.about, batch))


def _told(about: str, batch: Batch) -> dict[str, Any]:
    return {
        "about": about,
        "batch": batch,
        "list": batch.list,
        "created": f"{batch.created:,}",
        "quantity": f"{batch.quantity:,}",
        "rejected": f"{batch.rejected:,}",
        "link": f"{settings.BASE_URL}/lists/{batch.list.public_id}",
        "reasons": [
            (f"{batch.reasons[r]:,}", words) for r, words in REASONS.items() if r in batch.reasons
        ],
    }
