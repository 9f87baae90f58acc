"""Points out that another list has the same name, which is allowed."""

from django.utils import timezone

from promint.core import lists
from promint.dashboard.page import formats


def same_as(name: str, but: str = "") -> str:
    """A sentence; empty if no list has the name, except the list with the public id `but`."""
    name = name.strip()
    if not name:
        return ""
    found = [one for one in lists.named(name) if one.public_id != but]
    if not found:
        return ""
    if len(found) > 1:
        return f"{formats.number(len(found))} other lists have the same name."
    start = formats.day(timezone.localtime(found[0].starts_at))  # in the zone of the page
    return f"Another list has the same name: the one that starts on {start}."


def told_with(questions: list[str], twin: str) -> list[str]:
    """The questions, with the sentence about the name after them. Alone it is no question, since
    the same name is allowed."""
    return [*questions, twin] if questions and twin else questions
