"""Names that another list has already: allowed, and pointed out."""

from promint.core import lists
from promint.dashboard.page import formats


def same_as(name: str, but: str = "") -> str:
    """A sentence; empty when no list but `but`, a public id, has the name."""
    name = name.strip()
    if not name:
        return ""
    found = [one for one in lists.named(name) if one.public_id != but]
    if not found:
        return ""
    if len(found) > 1:
        return f"{formats.number(len(found))} other lists have the same name."
    start = formats.day(found[0].starts_at)
    return f"Another list has the same name: the one that starts on {start}."
