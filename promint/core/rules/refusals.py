"""A change that is not made, and why. Raised inside a verb, so that its transaction is undone."""

from typing import Any

from promint.core.rules.rules import Refusal


class Refused(Exception):
    """`detail` is a sentence for whoever asked; `fields` say it beside each field; `more` is what
    there is to choose from, say."""

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
