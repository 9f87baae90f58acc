"""The exception for a change that is refused. Raised inside a verb, it undoes the verb's
transaction."""

from collections.abc import Mapping
from typing import Any

from promint.core.rules.rules import Refusal


class Refused(Exception):
    """`detail` is a sentence for the caller; `fields` has a sentence for each wrong field; `more`
    has further facts, like the possible choices."""

    def __init__(
        self,
        refusal: Refusal,
        detail: str,
        fields: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.refusal = refusal
        self.detail = detail
        self.fields = fields or {}
        self.more = more or {}


def invalid(fields: dict[str, str]) -> Refused:
    names = ", ".join(sorted(fields))
    return Refused(Refusal.INVALID_REQUEST, f"Please correct: {names}.", fields)


def not_found(what: str) -> Refused:
    return Refused(Refusal.NOT_FOUND, f"There is no such {what}.")


def check_seen(now: Mapping[str, Any], seen: Mapping[str, Any] | None) -> None:
    """`seen`: those values of `now` that the person who makes a change has read. None means any.
    Raises Refused if one of them is different now. `now` must be locked, so that it stays so until
    the change is saved."""
    if seen is not None and any(now.get(name) != value for name, value in seen.items()):
        raise Refused(
            Refusal.CHANGED_MEANWHILE,
            "Somebody has made another change meanwhile. Read it again, then send your change.",
        )
