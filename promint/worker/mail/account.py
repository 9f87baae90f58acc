"""The text of a mail about an account, with a link that sets its password. The link is made when
the mail is sent, so that no table holds it."""

from datetime import timedelta
from email.message import EmailMessage

from django.conf import settings

from promint.accounts import confirmations, keys, links, list_warnings
from promint.accounts.models import AccountMail
from promint.core.codes import cancellations
from promint.core.models import Cancellation
from promint.worker.mail.composing import message

SUBJECTS = {
    "invitation": "Your invitation to Promint",
    "forgotten": "A new password for Promint",
}


def compose(mail: AccountMail) -> EmailMessage:
    assert mail.staff is not None, "for nobody no mail is sent"
    if mail.about == "guessing":
        return _warning(mail)
    if mail.about == list_warnings.ABOUT:
        return _lists(mail)
    if mail.about == confirmations.ABOUT:
        return _to_confirm(mail)
    told = {
        "about": mail.about,
        "organisation": settings.ORGANISATION,
        "link": links.address_of(mail.staff),
        "valid": _in_words(links.valid_for(mail.staff)),
    }
    return message(mail, SUBJECTS[mail.about], "worker/account", told)


def _warning(mail: AccountMail) -> EmailMessage:
    key = keys.by_public_id(mail.subject)
    told = {"key": key, "link": f"{settings.BASE_URL}/keys"}
    return message(
        mail, f"Promint: somebody may be guessing codes ({key.name})", "worker/guessing", told
    )


def _lists(mail: AccountMail) -> EmailMessage:
    first, *others = mail.told
    more = f" and {len(others)} more" if others else ""
    lists = [one | {"link": f"{settings.BASE_URL}/lists/{one['list']}"} for one in mail.told]
    return message(mail, f"Look at {first['name']}{more}", "worker/lists", {"lists": lists})


def _to_confirm(mail: AccountMail) -> EmailMessage:
    waiting = cancellations.find(mail.subject)
    kind, _, name = waiting.created_by.partition(":")
    told = {
        "by": f"The API key {keys.by_public_id(name).name}" if kind == "key" else name,
        "what": _how_many(waiting) + (f" of {waiting.list.name}" if waiting.list else ""),
        "waits": waiting.status == "waiting",
        "link": f"{settings.BASE_URL}/cancellations/{waiting.public_id}",
    }
    return message(mail, "Promint: a cancellation waits for a manager", "worker/confirm", told)


def _how_many(waiting: Cancellation) -> str:
    """The reason is not in the mail, because it may quote a code."""
    about = {"at_least": "at least ", "at_most": "at most "}.get(waiting.expected_is, "")
    return f"{about}{waiting.expected:,} code{'' if waiting.expected == 1 else 's'}"


def _in_words(length: timedelta) -> str:
    if length.days:
        return f"{length.days} days"
    minutes = length // timedelta(minutes=1)
    return f"{minutes} minutes"
