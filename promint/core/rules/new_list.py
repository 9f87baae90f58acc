"""What somebody who creates a list asks for, and how it is checked. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from promint.core.rules import checks, handing_out, limits
from promint.core.rules.handing_out import HandoutRules
from promint.core.rules.rules import OWN_MESSAGES, ListType

LOCKED_WITH_TYPE = "Only {} lists have this."


@dataclass(frozen=True, slots=True)
class NewList:
    name: str
    type: ListType
    starts_at: datetime
    ends_at: datetime
    timezone: str = "UTC"
    entry_cap: int | None = None  # successful claims
    points: int | None = None
    offers: list[str] = field(default_factory=list)  # public ids
    tags: list[str] = field(default_factory=list)
    code: str | None = None
    code_length: int | None = None  # characters after the prefix
    code_prefix: str | None = None
    handout: HandoutRules | None = None  # None: the defaults of HandoutRules
    customer_messages: dict[str, str] = field(default_factory=dict)  # by verdict


def problems(new: NewList) -> dict[str, str]:
    """What is wrong, by field; empty if nothing is. Does not check which codes and offers exist."""
    found = {
        "name": checks.line(new.name.strip(), limits.NAME_CHARACTERS),
        "timezone": checks.zone(new.timezone),
        **_window(new),
        "entry_cap": None
        if new.entry_cap is None
        else checks.whole_number(new.entry_cap, limits.ENTRY_CAP_CLAIMS),
        **_outcomes(new),
        **_codes(new),
        **_handout(new),
        **wrong_messages(new.customer_messages),
    }
    return {name: problem for name, problem in found.items() if problem is not None}


def wrong_messages(messages: dict[str, str]) -> dict[str, str | None]:
    """By field. `messages`: the list's own sentences for customers, by verdict; none are empty."""
    return {
        f"customer_messages.{verdict}": checks.line(sentence.strip(), limits.MESSAGE_CHARACTERS)
        if verdict in OWN_MESSAGES
        else "A list has no sentence of its own for this."
        for verdict, sentence in messages.items()
    }


def _window(new: NewList) -> dict[str, str | None]:
    found = {"starts_at": checks.time(new.starts_at), "ends_at": checks.time(new.ends_at)}
    if not any(found.values()) and new.ends_at <= new.starts_at:
        found["ends_at"] = "The end must be after the start."
    return found


def _outcomes(new: NewList) -> dict[str, str | None]:
    if new.points is None and not new.offers and not new.tags:
        return {"outcomes": "Choose points, an offer or a tag: a claim must issue something."}
    too_many = len(new.offers) > limits.OFFERS_OF_A_LIST
    return {
        "outcomes.points": None
        if new.points is None
        else checks.whole_number(new.points, limits.POINTS),
        "outcomes.offers": f"Use at most {limits.OFFERS_OF_A_LIST} offers." if too_many else None,
        "outcomes.tags": checks.tags(new.tags),
    }


def _handout(new: NewList) -> dict[str, str | None]:
    if new.handout is None:
        return {}
    if new.type is ListType.MULTI_USE:
        return {"handout": LOCKED_WITH_TYPE.format("single use and 3rd party")}
    return handing_out.problems(new.handout)


def _codes(new: NewList) -> dict[str, str | None]:
    if new.type is ListType.MULTI_USE:
        code = (
            "A multi use list needs its code." if new.code is None else checks.named_code(new.code)
        )
    else:
        code = None if new.code is None else LOCKED_WITH_TYPE.format("multi use")
    if new.type is not ListType.SINGLE_USE:
        unwanted = new.code_length is not None or new.code_prefix is not None
        return {
            "code": code,
            "code_format": LOCKED_WITH_TYPE.format("single use") if unwanted else None,
        }
    least, most = limits.GENERATED_CHARACTERS
    return {
        "code": code,
        "code_format.length": None
        if new.code_length is None
        else checks.whole_number(new.code_length, most, least),
        "code_format.prefix": None if new.code_prefix is None else checks.prefix(new.code_prefix),
    }
