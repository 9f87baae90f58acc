"""How the codes of a list are handed out to people. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from promint.core.rules import checks, limits


@dataclass(frozen=True, slots=True)
class HandoutRules:
    """How the codes of a list are handed out. Fixed when the list is created.

    `bound`: only the recipient can claim a code that was handed out. `per_recipient`: the most
    codes that one recipient may have. `valid_days`: a code ends this many days after it was handed
    out; None: it ends with its list. `agents_per_day`: how many codes each agent may hand out in a
    day; None: agents hand out none.
    """

    bound: bool = False
    per_recipient: int = 1
    valid_days: int | None = None
    agents_per_day: int | None = None

    def is_for(self, customer: str, recipient: str | None) -> bool:
        """Whether the customer may claim a code. `recipient` is None if it was not handed out."""
        return not self.bound or recipient in (None, customer)

    def end(self, ends_at: datetime, handed_out_at: datetime | None) -> datetime:
        """When a code ends, if its list ends at `ends_at`."""
        if self.valid_days is None or handed_out_at is None:
            return ends_at
        return min(ends_at, handed_out_at + timedelta(days=self.valid_days))


def problems(wanted: HandoutRules) -> dict[str, str | None]:
    """What is wrong with the rules, by field."""
    return {
        "handout.per_recipient": checks.whole_number(
            wanted.per_recipient, limits.CODES_PER_RECIPIENT
        ),
        "handout.valid_days": _within(wanted.valid_days, limits.HANDED_OUT_VALID_DAYS),
        "handout.agents_per_day": _within(wanted.agents_per_day, limits.HANDOUTS_OF_AN_AGENT_A_DAY),
    }


def _within(number: int | None, most: int) -> str | None:
    return None if number is None else checks.whole_number(number, most)
