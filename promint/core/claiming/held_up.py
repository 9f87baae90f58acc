"""Finds out which lists other transactions keep locked at this moment. On PostgreSQL only: with
SQLite, a lock holds up everything."""

from collections.abc import Iterable

from promint.core.rules import canonical
from promint.core.storage import Busy, OutcomeUnknown, durable, select, vendor

_LIST_OF_CODE = "SELECT value, list_id FROM core_code WHERE value IN {values}"
# Locks the counters that nobody else has locked. The locks end with this look.
_FREE = "SELECT c.list_id FROM core_listcounter c WHERE c.list_id IN {values} ORDER BY c.list_id"


def held(codes: Iterable[str]) -> set[str]:
    """Those of the codes, as sent, whose list is locked; all of them if the database is busy."""
    values = {code: canonical(code) for code in codes}
    try:
        locked = _held({value for value in values.values() if value is not None})
    except (Busy, OutcomeUnknown):  # nothing was to be written, so nothing is in doubt
        return set(values)
    return {code for code, value in values.items() if value in locked}


@durable
def _held(values: set[str]) -> set[str]:
    list_of_code: dict[str, int] = dict(select(_LIST_OF_CODE, sorted(values)))
    lists = sorted(set(list_of_code.values()))
    free = {list_id for (list_id,) in select(_FREE + vendor().for_update_skipping, lists)}
    return {value for value, list_id in list_of_code.items() if list_id not in free}
