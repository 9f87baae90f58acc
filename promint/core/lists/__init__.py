"""Lists: creating, editing and finding them; the facts that claims need; the offers that lists
issue."""

from promint.core.lists.archiving import archive, unarchive
from promint.core.lists.customer_messages import set_customer_messages
from promint.core.lists.facts import ListFacts, Outcomes, facts_of
from promint.core.lists.liability import StillClaimable, still_claimable
from promint.core.lists.lists import (
    by_key,
    by_keys,
    create,
    edit,
    end_now,
    find,
    lock_counter,
    named,
    names_of,
    problems_with,
    problems_with_edit,
    why_it_cannot_end,
)
from promint.core.lists.offer_names import former_names, name_at
from promint.core.lists.removal import remove, why_it_stays
from promint.core.lists.searching import (
    DEFAULT_SORT,
    OUTCOMES,
    SORTS,
    Further,
    archived_count,
    search,
    status_counts,
)
from promint.core.lists.versions import version
from promint.core.lists.watching import (
    Watched,
    by_owner,
    looked_after,
    note_told,
    set_warnings,
    warnings_about,
)

__all__ = [
    "DEFAULT_SORT",
    "OUTCOMES",
    "SORTS",
    "Further",
    "ListFacts",
    "Outcomes",
    "StillClaimable",
    "Watched",
    "archive",
    "archived_count",
    "by_key",
    "by_keys",
    "by_owner",
    "create",
    "edit",
    "end_now",
    "facts_of",
    "find",
    "former_names",
    "lock_counter",
    "looked_after",
    "name_at",
    "named",
    "names_of",
    "note_told",
    "offers",
    "problems_with",
    "problems_with_edit",
    "remove",
    "search",
    "set_customer_messages",
    "set_warnings",
    "status_counts",
    "still_claimable",
    "unarchive",
    "version",
    "warnings_about",
    "why_it_cannot_end",
    "why_it_stays",
]
