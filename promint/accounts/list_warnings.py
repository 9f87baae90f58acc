"""Mails that warn the owners of lists: one a day at most, with all lists of a person in it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from promint.accounts.models import AccountMail, Staff
from promint.core import lists
from promint.core.lists import Watched
from promint.core.storage import database_now, durable, hold, joined

ABOUT = "lists"
EVERY = timedelta(days=1)
_STAFF = "staff:"


@durable
def warn_owners() -> int:
    """Queue a mail to each owner who has a warning that was not told yet, unless there was such a
    mail within a day. Returns how many."""
    hold("warnings of lists")
    watched = lists.by_owner(database_now())
    people = _to_be_told(watched)
    AccountMail.objects.bulk_create(_mail(person, watched[o]) for o, person in people.items())
    with joined():
        for owner, of_owner in watched.items():
            lists.note_told(of_owner, all_of_them=owner in people)
    return len(people)


def _to_be_told(watched: Mapping[str, list[Watched]]) -> dict[str, Staff]:
    """By owner, the people with news who had no such mail within a day."""
    owners = [owner for owner, of_owner in watched.items() if any(one.is_new for one in of_owner)]
    lately = AccountMail.objects.filter(about=ABOUT, created_at__gt=database_now() - EVERY)
    people = _people(owners).exclude(id__in=lately.values("staff"))
    return {person.actor: person for person in people}


def is_told(owner: str) -> bool:
    """Whether the owner of a list is a person who may sign in, and so gets the mails."""
    return _people([owner]).exists()


def _people(owners: Iterable[str]) -> QuerySet[Staff]:
    emails = [owner.removeprefix(_STAFF) for owner in owners if owner.startswith(_STAFF)]
    return Staff.objects.filter(email__in=emails, is_active=True)


def _mail(person: Staff, watched: list[Watched]) -> AccountMail:
    told = [_told(one) for one in watched if one.warnings]
    return AccountMail(staff=person, address=person.email, about=ABOUT, told=told)


def _told(one: Watched) -> dict[str, Any]:
    """As it is when the mail is queued."""
    return {
        "list": one.promo_list.public_id,
        "name": one.promo_list.name,
        "warnings": [warned.sentence for warned in one.warnings],
    }
