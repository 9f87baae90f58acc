"""Hands out codes: a person gets a code, and the same one however often they ask.

A free code is taken by locking its row. Rows that others have locked are skipped, so nobody waits
for anybody. The primary keys of the table refuse what a lock might have missed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from promint.core import audit, events, failpoints, lists
from promint.core.codes import handed_out, stock
from promint.core.codes.picking import ClaimedMeanwhile, pick
from promint.core.codes.reversals import standing
from promint.core.codes.stock import Shelf
from promint.core.codes.together import Together
from promint.core.events import Fact
from promint.core.lists import ListFacts, facts_of
from promint.core.models import Claim, Code, Handout, PromoList, Reversal
from promint.core.rules import (
    Event,
    ListStatus,
    ListType,
    Refusal,
    Refused,
    checks,
    invalid,
    limits,
    rfc3339,
)
from promint.core.storage import Busy, database_now, durable, is_joined, moment, select

TRIES = 20  # how often one request tries again because others took the code first

_HAD = (
    "SELECT h.recipient, h.place, h.code, h.id, h.handed_out_at, h.bulk_id FROM core_handout h"
    " WHERE h.list_id = %s AND h.recipient IN {values} ORDER BY h.place"
)
_COUNT_FOR_AGENT = (
    "INSERT INTO core_agenthandouts (list_id, actor, day, codes) VALUES (%s, %s, %s, 1)"
    " ON CONFLICT (list_id, actor, day) DO UPDATE SET codes = core_agenthandouts.codes + 1"
    " RETURNING codes"
)


@dataclass(frozen=True)
class HandoutState:
    """`claimed_at`: when the code was claimed, whoever claimed it; None if no claim of it
    stands. `taken_back_at`: when its claim was taken back, if the code stays used."""

    handout: Handout
    facts: ListFacts
    shown: str
    claimed_at: datetime | None
    cancelled_at: datetime | None
    taken_back_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When the code ends, if that is not when its list ends."""
        end = self.facts.handout.end(limits.LATEST, self.handout.handed_out_at)
        return end if end < limits.LATEST else None


@dataclass(frozen=True)
class Giving:
    """One request. `closed`: why no further code is handed out. `per_recipient`: the most codes
    of a recipient. `per_day`: the most codes that the actor may hand out in a day. `bulk_id`: the
    file from which the recipient comes; nobody gets two codes by one file."""

    facts: ListFacts
    actor: str
    at: datetime
    closed: Refused | None
    per_recipient: int
    reason: str = ""
    per_day: int | None = None
    bulk_id: int | None = None

    def last(self, had: Sequence[Handout]) -> Handout | None:
        """The handout that the recipient gets again; None if a further code is due."""
        if self.bulk_id is not None:
            for one in had:
                if one.bulk_id == self.bulk_id:
                    return one
        return had[-1] if len(had) >= self.per_recipient else None


Given = dict[str, tuple[HandoutState, bool]]  # by recipient; True: a new code for them

Served = tuple[HandoutState, bool] | Refused


def hand_out(
    list_id: str, recipient: str, actor: str, *, early: bool = False
) -> tuple[HandoutState, bool]:
    """A code for the recipient, and whether it is a new one for them. Whoever has as many as the
    list allows gets the latest again. `early`: also before the list starts. Raises Refused,
    Busy."""
    check_recipient(recipient)
    kind = list_id, actor, early
    served = serve_kind(kind, [recipient])[recipient] if is_joined() else _line.ask(kind, recipient)
    if isinstance(served, Refused):
        raise served
    return served


def serve_kind(kind: tuple[str, str, bool], recipients: list[str]) -> dict[str, Served]:
    """Serve requests that came at the same time. `kind`: the list, the actor, and whether codes are
    handed out before the list starts. Raises Refused for all of them, Busy, OutcomeUnknown."""
    list_id, actor, early = kind
    return serve(giving_of(handing_out(list_id), actor, early), recipients)


def giving_of(promo_list: PromoList, actor: str, early: bool, bulk_id: int | None = None) -> Giving:
    """A request for codes of a list, as the list is now."""
    renames = {promo_list.id: promo_list.offer_renames}
    facts, now = facts_of([promo_list.id], renames)[promo_list.id], database_now()
    allowed = facts.handout.per_recipient
    refusal = closed(promo_list, now, early)
    return Giving(facts, actor, now, refusal, allowed, bulk_id=bulk_id)


def serve(giving: Giving, recipients: Sequence[str]) -> dict[str, Served]:
    """A code for each recipient, or the reason why there is none."""
    given = _given(giving, recipients)
    return {one: given.get(one) or giving.closed or no_codes_left() for one in recipients}


_line = Together(serve_kind)


def no_codes_left() -> Refused:
    return Refused(
        Refusal.NO_CODES_LEFT,
        "Every code of the list's active batches is handed out, claimed or cancelled."
        " A further batch brings new ones.",
    )


def check_recipient(recipient: str) -> None:
    if problem := checks.customer(recipient):
        raise invalid({"recipient": problem})


def handing_out(list_id: str) -> PromoList:
    """The list. Raises Refused if there is none, or if it has one code for everyone."""
    promo_list = lists.find(list_id)
    if promo_list.type == ListType.MULTI_USE:
        raise Refused(
            Refusal.WRONG_LIST_TYPE,
            "This is a multi use list; its one code is for everyone. Codes of single use and 3rd"
            " party lists are handed out.",
        )
    return promo_list


def closed(promo_list: PromoList, now: datetime, early: bool) -> Refused | None:
    """Why no new code of the list is handed out now; None if codes are."""
    status = promo_list.status(now)
    if status is ListStatus.COMPLETED:
        return Refused(
            Refusal.LIST_COMPLETED,
            "The list is completed: it has ended or its cap is reached."
            " A later end or a higher cap opens it again.",
        )
    if status is ListStatus.PENDING and not early:
        return Refused(
            Refusal.CODE_NOT_ACTIVE,
            "The list has not started, so its codes cannot be claimed yet."
            ' Send "early": true to hand one out all the same.',
        )
    return None


def _given(giving: Giving, recipients: Sequence[str]) -> Given:
    """Codes of all recipients who have theirs already or for whom one is free, in several
    transactions. Raises Busy, and Refused if it is one too many for an agent."""
    given: Given = {}
    if giving.closed is not None:
        return _step(giving, recipients, given, [])
    handed_out.begin(giving.facts.id)
    for _ in range(TRIES):
        given |= _step(giving, recipients, given, stock.shelves(giving.facts.id))
        failpoints.reach("handouts.after_commit")
        if len(given) == len(recipients):
            return given
        if not stock.look_again(giving.facts.id):  # others may have served them meanwhile
            return given | _step(giving, recipients, given, [])
    raise Busy


def _step(
    giving: Giving, recipients: Sequence[str], given: Given, shelves: Sequence[Shelf]
) -> Given:
    try:
        return _give(giving, [one for one in recipients if one not in given], shelves)
    except ClaimedMeanwhile:
        return {}


@durable
def _give(giving: Giving, recipients: Sequence[str], shelves: Sequence[Shelf]) -> Given:
    """Codes of recipients who have theirs already, and new ones as far as the shelves hold some."""
    facts = giving.facts
    to = events.listening()
    counter = None
    if to.to(Event.CODE_HANDED_OUT) or to.to(Event.LIST_LOW_STOCK):
        counter = lists.lock_counter(facts.id)  # so that events are in the order of commit
    had = _had(facts.id, recipients)
    again = {one: last for one in recipients if (last := giving.last(had.get(one, [])))}
    unserved = [one for one in recipients if one not in again and giving.closed is None]
    wanted = [_without_code(giving, one, len(had.get(one, []))) for one in unserved]
    new = [
        (HandoutState(handout, facts, facts.show(handout.code, typed), None, None), True)
        for handout, typed in pick(wanted, shelves)
    ]
    if giving.per_day is not None and new:
        _note_for_agent(giving, giving.per_day, new[0][0])
    events.record_all([_fact(state) for state, _ in new], to)
    old = states(list(again.values()))
    if new and counter is not None:
        handed_out.tell(counter, facts.type, len(new), to, giving.at)
    if new:
        handed_out.add(facts.id, len(new))
    failpoints.reach("handouts.before_commit")
    return {s.handout.recipient: (s, n) for s, n in [*new, *((state, False) for state in old)]}


def _without_code(giving: Giving, recipient: str, place: int) -> Handout:
    """A handout that has no code yet."""
    return Handout(
        list_id=giving.facts.id,
        recipient=recipient,
        place=place,
        id="hnd_" + secrets.token_hex(16),
        handed_out_at=giving.at,
        actor=giving.actor,
        reason=giving.reason,
        bulk_id=giving.bulk_id,
    )


def _fact(state: HandoutState) -> Fact:
    handout = state.handout
    told = {
        "id": handout.id,
        "list": state.facts.public_id,
        "recipient": handout.recipient,
        "code": state.shown,
        "handed_out_at": rfc3339(handout.handed_out_at),
        "ends_at": rfc3339(state.ends_at) if state.ends_at else None,
    }
    return Fact(Event.CODE_HANDED_OUT, state.facts.id, told, handout.handed_out_at)


def _had(list_id: int, recipients: Sequence[str]) -> dict[str, list[Handout]]:
    """The handouts that these recipients have from this list, the latest last."""
    found: dict[str, list[Handout]] = {}
    for recipient, place, code, handout_id, at, bulk_id in select(_HAD, list(recipients), list_id):
        handout = Handout(
            list_id=list_id,
            code=code,
            recipient=recipient,
            place=place,
            id=handout_id,
            handed_out_at=moment(at),
            bulk_id=bulk_id,
        )
        found.setdefault(recipient, []).append(handout)
    return found


def _note_for_agent(giving: Giving, per_day: int, given: HandoutState) -> None:
    """Count the code for the agent and write the audit entry. Raises Refused if it is one too
    many today."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_FOR_AGENT, [giving.facts.id, giving.actor, giving.at.date()])
        (count,) = cursor.fetchone()
    if count > per_day:
        raise invalid(
            {
                "list": f"You have handed out {per_day:,} of its codes today, which is all that its"
                " settings allow. Choose another list, or ask again tomorrow."
            }
        )
    after = {
        "recipient": given.handout.recipient,
        "list": giving.facts.public_id,
        "reason": giving.reason,
    }
    audit.record(giving.actor, "code.handed_out", given.handout.code, after=after, at=giving.at)


def states(handouts: Sequence[Handout]) -> list[HandoutState]:
    """The present state of these handouts, read with a fixed number of queries."""
    if not handouts:
        return []
    facts = facts_of(one.list_id for one in handouts)
    values = [one.code for one in handouts]
    codes = Code.objects.in_bulk(values)
    claims = standing(Claim.objects.filter(code__in=values, single_use=True))
    claimed_at = dict(claims.values_list("code", "claimed_at"))
    stay_used = Reversal.objects.filter(code__in=values, available_again=False)
    taken_back_at = dict(stay_used.values_list("code", "reversed_at"))
    return [
        HandoutState(
            handout=one,
            facts=facts[one.list_id],
            shown=facts[one.list_id].show(one.code, codes[one.code].typed),
            claimed_at=claimed_at.get(one.code),
            cancelled_at=codes[one.code].cancelled_at,
            taken_back_at=taken_back_at.get(one.code),
        )
        for one in handouts
    ]


def of_list(list_id: int, before: tuple[datetime, str] | None, most: int) -> list[HandoutState]:
    """The handouts of a list before a (time, canonical code), newest first."""
    return _page(Q(list=list_id), before, most)


def starting_with(
    list_id: int, text: str, after: tuple[str, int] | None, most: int
) -> list[HandoutState]:
    """The handouts of a list whose recipients begin with a text, by recipient and place, after
    such a pair."""
    last = text + chr(0x10FFFF)
    found = Handout.objects.filter(list=list_id, recipient__gte=text, recipient__lt=last)
    if after is not None:
        recipient, place = after
        same = Q(recipient=recipient, place__gt=place)
        found = found.filter(same | Q(recipient__gt=recipient), recipient__gte=recipient)
    return states(list(found.order_by("recipient", "place")[:most]))


def of_recipient(
    recipient: str, before: tuple[datetime, str] | None, most: int
) -> list[HandoutState]:
    """The handouts of one recipient before a (time, canonical code), newest first."""
    return _page(Q(recipient=recipient), before, most)


def _page(of: Q, before: tuple[datetime, str] | None, most: int) -> list[HandoutState]:
    found = Handout.objects.filter(of)
    if before is not None:
        at, code = before
        older = Q(handed_out_at__lt=at) | Q(handed_out_at=at, code__gt=code)
        found = found.filter(older, handed_out_at__lte=at)  # where the index begins
    return states(list(found.order_by("-handed_out_at", "code")[:most]))


def of_codes(values: Sequence[str]) -> dict[str, Handout]:
    """The handouts of these canonical codes, by code. The list comes first in the key, so it is
    looked up first."""
    lists_of = Code.objects.filter(value__in=values).values_list("list_id", flat=True).distinct()
    found = Handout.objects.filter(list__in=list(lists_of), code__in=values)
    return {one.code: one for one in found}
