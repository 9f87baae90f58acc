"""Lists: creating, editing and finding them; the facts that claims need; the offers that lists
issue."""

from promint.core.lists.facts import ListFacts, Outcomes, facts_of
from promint.core.lists.lists import (
    DEFAULT_SORT,
    SORTS,
    by_key,
    create,
    edit,
    find,
    lock_counter,
    named,
    names_of,
    problems_with,
    problems_with_edit,
    search,
    status_counts,
)
from promint.core.lists.versions import last_change, version

__all__ = [
    "DEFAULT_SORT",
    "SORTS",
    "ListFacts",
    "Outcomes",
    "by_key",
    "create",
    "edit",
    "facts_of",
    "find",
    "last_change",
    "lock_counter",
    "named",
    "names_of",
    "offers",
    "problems_with",
    "problems_with_edit",
    "search",
    "status_counts",
    "version",
]
