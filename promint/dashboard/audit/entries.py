"""How entries of the audit log are shown: who did what to what, with the values before and
after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from promint.core.models import AuditEntry
from promint.core.rules import ListType
from promint.dashboard.audit import subjects, words
from promint.dashboard.audit.subjects import Named
from promint.dashboard.page import formats, names_of


@dataclass(frozen=True)
class Change:
    label: str
    before: str | None  # None: there was nothing before, or it is left out
    after: str | None


@dataclass(frozen=True)
class EntryRow:
    entry: AuditEntry
    by: str
    what: str
    about: Named
    changes: list[Change]


def rows(entries: list[AuditEntry]) -> list[EntryRow]:
    people = names_of(entry.actor for entry in entries)
    named = subjects.names_of(entries)
    return [
        EntryRow(
            entry=entry,
            by=people[entry.actor],
            what=words.action(entry.action),
            about=named.get(entry.subject, Named(entry.subject)),
            changes=list(_changes(entry, named)),
        )
        for entry in entries
    ]


def _changes(entry: AuditEntry, named: dict[str, Named]) -> Iterator[Change]:
    """What an edit has changed; for other entries everything that was recorded."""
    before, after = entry.before or {}, entry.after or {}
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if entry.before and entry.after and old == new:
            continue
        yield Change(
            label=words.field(name),
            before=_shown(name, old, named) if name in before else None,
            after=_shown(name, new, named) if name in after else None,
        )


def _shown(name: str, value: Any, named: dict[str, Named]) -> str:
    match value:
        case None | "" | []:
            return words.EMPTY.get(name, "none")
        case bool():
            return "yes" if value else "no"
        case int():
            return formats.number(value)
        case list():
            return ", ".join(str(part) for part in value)
        case str() if name == "valid_until":  # the line on printed codes, which says so itself
            return value.removeprefix("Valid until ")
        case str() if name.endswith(("_at", "_until")):
            return _moment(value)
        case str() if name == "type":
            return ListType(value).label
        case str() if value in named:
            return named[value].text
    return words.VALUES.get((name, str(value)), str(value))


def _moment(text: str) -> str:
    """The time in the person's zone."""
    here = timezone.localtime(datetime.fromisoformat(text))
    return f"{formats.day(here)}, {formats.clock(here)} {formats.zone(here)}"
