"""Demo data: eight weeks of an invented coffee chain, up to now."""

import logging
from random import Random

from promint.core import audit
from promint.core.models import AuditEntry, PromoList
from promint.core.storage import database_now, durable
from promint.demo import cancelling, handing_out, listeners, people, stock, trade
from promint.demo.past import Past

SIGN_IN = people.sign_ins()
_MARK = "demo"  # the subject of these entries in the audit log
_SEED = 28

log = logging.getLogger(__name__)


class OwnLists(Exception):
    """The demo is not loaded into a database that is in use."""


def load() -> bool:
    """Whether it was loaded now; False if it was there already. Raises OwnLists."""
    if _said("demo.loaded"):
        return False
    if PromoList.objects.exists():
        raise OwnLists(
            "Loading the demo data was interrupted earlier; only a part of it is here."
            if _said("demo.started")
            else "The demo data is left out: this database has lists of its own."
        )
    _say("demo.started")
    _load(Random(_SEED))  # noqa: S311 - the same shape every time; codes come from elsewhere
    _say("demo.loaded")
    return True


def _load(rng: Random) -> None:
    past = Past(database_now())
    log.info("Demo data, 1 of 4: people and keys.")
    people.hire(past)
    till = people.issue_keys(past)
    log.info("Demo data, 2 of 4: lists and their codes.")
    shelves = stock.fill(past, rng)
    listeners.connect(past)
    log.info("Demo data, 3 of 4: eight weeks of claims.")
    trade.run(past, rng, shelves, till)
    handing_out.hand_out(past, rng, shelves, till)
    cancelling.cancel(past, shelves)
    stock.archive(past, shelves)
    log.info("Demo data, 4 of 4: work that is left.")
    stock.leave_work(past, shelves)
    listeners.answer(past)


def _said(action: str) -> bool:
    return AuditEntry.objects.filter(subject=_MARK, action=action).exists()


@durable
def _say(action: str) -> None:
    audit.record("console", action, _MARK)
