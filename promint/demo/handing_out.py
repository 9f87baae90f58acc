"""Codes of the demo that were handed out: some on the phone, many by a file."""

import time
from datetime import datetime, timedelta
from random import Random

from promint.core import bulk_handouts
from promint.core.claiming import Attempt, claim_many
from promint.core.codes import given_by_staff, handouts
from promint.core.models import AgentHandouts, BulkHandout, Handout, PromoList
from promint.core.rules import BatchStatus
from promint.demo.past import Past
from promint.demo.people import AGENT, MANAGER
from promint.demo.stock import Shelf
from promint.worker import sent_files

ON_THE_PHONE = "Service recovery"
BY_FILE = "Birthday coffees"
RECIPIENTS = 420
GIVEN = (  # hours ago, why, whether it was claimed
    (53, "Order came cold, twice", True),
    (30, "Waited 40 minutes at the station shop", True),
    (27, "Wrong milk, allergic", False),
    (6, "Card was charged twice", False),
)


def hand_out(past: Past, rng: Random, shelves: list[Shelf], till: str) -> None:
    by_name = {shelf.campaign.name: shelf.promo_list for shelf in shelves}
    for hours, reason, claimed in GIVEN:
        customer, at = _customer(rng), past.now - timedelta(hours=hours)
        code = _give(by_name[ON_THE_PHONE], customer, reason, at, past)
        if claimed:
            _claim([(code, customer)], at + timedelta(minutes=70), till)
    _by_file(by_name[BY_FILE], past, rng, till)


def _customer(rng: Random) -> str:
    return f"QB-{rng.randrange(100_000, 112_000)}"


def _give(promo_list: PromoList, customer: str, reason: str, at: datetime, past: Past) -> str:
    state, _ = given_by_staff.give(promo_list.public_id, customer, reason, AGENT)
    code: str = state.handout.code
    Handout.objects.filter(list=promo_list, code=code).update(handed_out_at=at)
    AgentHandouts.objects.filter(list=promo_list).delete()  # it was not today
    past.move_entries(code, at)
    return code


def _by_file(promo_list: PromoList, past: Past, rng: Random, till: str) -> None:
    """Hand out to everyone with a birthday. One of them is listed twice, and some have claimed
    their code."""
    names = [f"QB-{n}" for n in rng.sample(range(100_000, 112_000), RECIPIENTS)]
    file = "\r\n".join(["Customer ID", *names, names[7], ""]).encode()
    asked = bulk_handouts.request(promo_list.public_id, "birthdays.csv", [file], MANAGER)
    _work_off(asked)
    at = past.now - timedelta(hours=5)
    past.move(asked, at, stepped_at=at, finished_at=at + timedelta(seconds=1))
    Handout.objects.filter(list=promo_list).update(handed_out_at=at)
    held = handouts.of_list(promo_list.id, None, RECIPIENTS // 6)
    _claim([(one.shown, one.handout.recipient) for one in held], at + timedelta(hours=2), till)


def _work_off(asked: BulkHandout) -> None:
    """Do what a worker does. A worker that runs already may help."""
    files = sent_files.of_recipients()
    while bulk_handouts.find(asked.public_id).status == BatchStatus.PENDING:
        if not files.turn():
            time.sleep(0.02)
    files.stop()


def _claim(pairs: list[tuple[str, str]], at: datetime, till: str) -> None:
    claim_many([Attempt(code, customer, till) for code, customer in pairs], clock=lambda: at)
