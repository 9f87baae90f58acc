"""What somebody else has changed since a form was shown, so that nobody overwrites a change that
they have not seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from promint.core import audit
from promint.dashboard.page.actors import names_of

Value = str | Sequence[str]  # texts where several can be chosen


@dataclass(frozen=True)
class Conflict:
    """`field` is the name that comes back with the choice; `mine` and `theirs` are texts for
    people."""

    field: str
    label: str
    mine: str
    theirs: str
    by: str
    at: datetime | None


def conflict(
    subject: str, logged_as: str, *, field: str, label: str, mine: str, theirs: str
) -> Conflict:
    """`logged_as`: the field's name in the audit log's entries about `subject`."""
    entry = audit.last_change(subject, logged_as)
    by = names_of([entry.actor])[entry.actor] if entry else "Somebody"
    return Conflict(field, label, mine, theirs, by, entry.created_at if entry else None)


class Meanwhile:
    """A form that was sent, compared with what it showed at first, which comes back in hidden
    fields, and with the values of now."""

    def __init__(self, now: Mapping[str, Value], sent: QueryDict) -> None:
        self.now = {name: _text(value) for name, value in now.items()}
        self.seen = {name: _text(sent.get(f"initial-{name}", self.now[name])) for name in now}
        self.data = sent.copy()
        self.settled = bool({"keep", "take"} & sent.keys())  # the person chose between two values
        self._settle(now, sent.get("keep", ""), sent.get("take", ""))
        self._bring_up_to_date(now)

    def _settle(self, now: Mapping[str, Value], kept: str, taken: str) -> None:
        """In both cases, the person has seen the value of now."""
        for name in {kept, taken} & now.keys():
            self.seen[name] = self.now[name]
        if taken in now:
            self._fill_in(taken, now[taken])

    def _bring_up_to_date(self, now: Mapping[str, Value]) -> None:
        """What the person did not touch is shown as it is now, if the form is shown again."""
        for name, value in now.items():
            if _text(self.data.getlist(name)) == self.seen[name] != self.now[name]:
                self._fill_in(name, value)
                self.seen[name] = self.now[name]

    def _fill_in(self, name: str, value: Value) -> None:
        self.data.setlist(name, [value] if isinstance(value, str) else list(value))

    def changes(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        """What differs from what the person saw, so that changes of others are kept."""
        return {name: v for name, v in typed.items() if _text(v) != self.seen[name]}

    def conflicts(
        self,
        form: forms.Form,
        subject: str,
        told: Callable[[str, str], str] = lambda name, text: text,
        logged_as: Mapping[str, str] | None = None,
    ) -> list[Conflict]:
        """`form` is valid. `told`: a field's name and value as a text for people. `logged_as`: the
        audit log's names of fields, where they differ from the form's."""
        return [
            conflict(
                subject,
                (logged_as or {}).get(name, name),
                field=name,
                label=str(form[name].label),
                mine=told(name, _text(value)) or "nothing",
                theirs=told(name, self.now[name]) or "nothing",
            )
            for name, value in self.changes(form.cleaned_data).items()
            if self.seen[name] != self.now[name] != _text(value)
        ]


def _text(value: Value) -> str:
    """Browsers send line breaks as two characters, and fields lose spaces at their ends."""
    text = value if isinstance(value, str) else ",".join(value)
    return text.replace("\r\n", "\n").strip()
