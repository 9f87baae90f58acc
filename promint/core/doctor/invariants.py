"""What must hold in the database. Each check yields a sentence for each breach that it finds.

Big tables are read by one statement, in the order of an index, and never row by row.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from promint.core.doctor import counters
from promint.core.doctor.cancelled import (
    cancellations_that_miscount,
    codes_not_available_again,
    codes_not_kept_cancelled,
)
from promint.core.doctor.counters import Facts
from promint.core.doctor.examples import EXAMPLES, breaches
from promint.core.doctor.life import (
    bound_codes_of_others,
    handouts_miscounted,
    handouts_of_nothing,
    handouts_too_many,
    reversals_of_nothing,
    reversals_that_took_something_else,
    rounds_without_a_reversal,
)
from promint.core.doctor.telling import bodies_that_changed, claims_not_told_once, others_not_told
from promint.core.models import AuditEntry, Batch, Claim, ListCounter, PromoList
from promint.core.rules import BatchStatus, ListType, canonical, ids
from promint.core.storage import on_postgresql

Check = Callable[[Facts], Iterator[str]]


class Invariant(NamedTuple):
    says: str
    checks: tuple[Check, ...]


def _by_vendor(*, postgresql: str, sqlite: str) -> str:
    return postgresql if on_postgresql() else sqlite


def counters_that_lie(facts: Facts) -> Iterator[str]:
    yield from _lies(counters.wrong_lists(facts))
    yield from _lies(counters.wrong_batches(facts))
    yield from _lies(counters.wrong_hours())


def balances_that_lie(_: Facts) -> Iterator[str]:
    yield from _lies(counters.wrong_customers())


def _lies(rows: Iterable[counters.WrongCounter]) -> Iterator[str]:
    for row in rows:
        for name in row.differences:
            yield f"{row.subject}: {name} is {row.stored[name]}, not {row.facts[name]}"


def lists_without_a_counter(_: Facts) -> Iterator[str]:
    for promo_list in PromoList.objects.filter(counter=None)[:EXAMPLES]:
        yield f"list {promo_list.public_id}: it has no counter"


def passed_caps(facts: Facts) -> Iterator[str]:
    for counter in ListCounter.objects.exclude(entry_cap=None).order_by("list"):
        made = max(counter.claims, facts.claims.get(counter.list_id, 0))
        if counter.entry_cap is not None and made > counter.entry_cap:
            shown = ids.public(PromoList.PREFIX, counter.list_id)
            yield f"list {shown}: {made} claims, the cap is {counter.entry_cap}"


# The claim `k` was taken back; its code is available again.
_REVERSED = (
    "EXISTS (SELECT 1 FROM core_reversal r WHERE r.code = k.code AND r.customer = k.customer"
    " AND r.round = k.round)"
)
_GIVEN_BACK = f"{_REVERSED[:-1]} AND r.available_again)"


def codes_claimed_too_often(_: Facts) -> Iterator[str]:
    yield from breaches(
        "code {}: claimed {} times",
        "SELECT k.code, COUNT(*) FROM core_claim k JOIN core_promolist l ON l.id = k.list_id"
        f" WHERE l.type <> 'multi_use' AND NOT {_GIVEN_BACK}"
        " GROUP BY k.code HAVING COUNT(*) > 1",
    )
    yield from breaches(
        "code {0}: claimed {2} times by customer {1}",
        f"SELECT k.code, k.customer, COUNT(*) FROM core_claim k WHERE NOT {_GIVEN_BACK}"
        " GROUP BY k.code, k.customer HAVING COUNT(*) > 1",
    )
    yield from breaches(
        "code {}: its claim by {} is not marked as its list's type demands",
        "SELECT k.code, k.customer FROM core_claim k JOIN core_promolist l ON l.id = k.list_id"
        " WHERE k.single_use <> (l.type <> 'multi_use')",
    )


# The tags of a list `l`, one a row, as `t.value`.
_TAGS = {
    "postgresql": "jsonb_array_elements_text(l.tags) t(value)",
    "sqlite": "json_each(l.tags) t",
}


def claims_without_their_outcomes(_: Facts) -> Iterator[str]:
    yield from breaches(
        "claim of {} by {}: {} points in the ledger, not {}",
        "SELECT k.code, k.customer, COALESCE(p.points, 0), COALESCE(l.points, 0)"
        " FROM core_claim k JOIN core_promolist l ON l.id = k.list_id"
        " LEFT JOIN core_pointsentry p ON p.customer = k.customer AND p.code = k.code"
        " AND p.round = k.round AND NOT p.reversal"
        " WHERE COALESCE(p.points, 0) <> COALESCE(l.points, 0)",
    )
    yield from breaches(
        "claim of {} by {}: an offer of its list was not issued",
        "SELECT k.code, k.customer FROM core_listoffer o"
        " JOIN core_claim k ON k.list_id = o.list_id WHERE NOT EXISTS (SELECT 1"
        " FROM core_issuedoffer i WHERE i.customer = k.customer AND i.code = k.code"
        " AND i.offer_id = o.offer_id AND i.round = k.round)",
    )
    yield from breaches(
        "claim of {} by {}: the customer lacks the tag {}",
        "SELECT k.code, k.customer, t.value"
        f" FROM core_promolist l CROSS JOIN {_TAGS[connection.vendor]}"
        f" JOIN core_claim k ON k.list_id = l.id WHERE NOT {_REVERSED} AND NOT EXISTS (SELECT 1"
        " FROM core_customertag c WHERE c.customer = k.customer AND c.tag = t.value)",
    )


def outcomes_without_a_claim(_: Facts) -> Iterator[str]:
    yield from breaches(
        "customer {}: {} points for the code {}, without a claim",
        "SELECT p.customer, p.points, p.code FROM core_pointsentry p WHERE NOT EXISTS (SELECT 1"
        " FROM core_claim k WHERE k.code = p.code AND k.customer = p.customer"
        " AND k.round = p.round)",
    )
    yield from breaches(
        "customer {}: an offer for the code {}, without a claim that issues it",
        "SELECT i.customer, i.code FROM core_issuedoffer i WHERE NOT EXISTS (SELECT 1"
        " FROM core_claim k JOIN core_listoffer o ON o.list_id = k.list_id"
        " WHERE k.code = i.code AND k.customer = i.customer AND o.offer_id = i.offer_id"
        " AND k.round = i.round)",
    )
    yield from breaches(
        "customer {}: the tag {}, without a claim that issues it",
        "SELECT c.customer, c.tag FROM core_customertag c WHERE NOT EXISTS (SELECT 1"
        " FROM core_claim k JOIN core_promolist l ON l.id = k.list_id"
        f" CROSS JOIN {_TAGS[connection.vendor]}"
        f" WHERE k.customer = c.customer AND t.value = c.tag AND NOT {_REVERSED})",
    )


def _answered_claim() -> str:
    """SQL for the claim's id in a kept answer. The core reads nothing else of kept answers."""
    return _by_vendor(
        postgresql="substring(encode(a.body, 'escape') from 'clm_[0-9a-f]{32}')",
        sqlite="substr(CAST(a.body AS TEXT), instr(CAST(a.body AS TEXT), 'clm_'), 36)",
    )


def lost_claims(_: Facts) -> Iterator[str]:
    yield from breaches(
        "idempotency key {} of {}: the claim that was acknowledged does not exist",
        "SELECT a.key, a.owner FROM core_keptanswer a WHERE a.status = 201"
        " AND NOT a.managing"
        f" AND NOT EXISTS (SELECT 1 FROM core_claim k WHERE k.id = {_answered_claim()})",
    )
    yield from breaches(
        "code {}: attempts were refused, but it does not exist",
        "SELECT r.code FROM core_refusedattempt r WHERE NOT EXISTS (SELECT 1"
        " FROM core_code c WHERE c.value = r.code) GROUP BY r.code",
    )


def codes_in_no_state(_: Facts) -> Iterator[str]:
    yield from breaches(
        "code {}: claimed by {}, but the claim's list has no such code",
        "SELECT k.code, k.customer FROM core_claim k LEFT JOIN core_code c ON c.value = k.code"
        " WHERE c.value IS NULL OR c.list_id <> k.list_id",
    )
    yield from breaches(
        "code {}: cancelled, and claimed by {}",
        "SELECT c.value, k.customer FROM core_code c JOIN core_claim k ON k.code = c.value"
        f" WHERE c.cancelled_at IS NOT NULL AND NOT {_GIVEN_BACK}",
    )
    yield from breaches(
        "code {}: cancelled, but nothing says by whom",
        "SELECT c.value FROM core_code c WHERE c.cancelled_at IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM core_auditentry a WHERE a.subject = c.value AND a.action = 'code.cancelled')"
        " AND NOT EXISTS (SELECT 1 FROM core_cancelledcode x WHERE x.code = c.value"
        " AND x.undone_at IS NULL)",
    )
    yield from breaches(
        "code {}: not cancelled, although the audit log says so",
        "SELECT a.subject FROM core_auditentry a LEFT JOIN core_code c ON c.value = a.subject"
        " WHERE a.action = 'code.cancelled' AND c.cancelled_at IS NULL",
    )


def batches_not_whole(_: Facts) -> Iterator[str]:
    for batch in Batch.objects.order_by("list", "number"):
        done = batch.created + (batch.rejected if batch.source == "upload" else 0)
        active = batch.status == BatchStatus.ACTIVE
        if active and done != batch.quantity:
            yield f"batch {batch.public_id}: active with {done} of {batch.quantity}"
        if batch.source == "generated" and not active and done == batch.quantity:
            yield f"batch {batch.public_id}: {batch.status} with all of its {done} codes"
    yield from breaches(
        "code {}: claimed by {} although its batch is {}",
        "SELECT k.code, k.customer, b.status FROM core_claim k"
        " JOIN core_code c ON c.value = k.code JOIN core_batch b ON b.id = c.batch_id"
        " WHERE b.status <> 'active'",
    )


def codes_of_nothing(facts: Facts) -> Iterator[str]:
    """Codes whose list or batch does not exist. They have no foreign key constraints."""
    for list_id, codes in _codes_without_a_batch(facts).items():
        if codes != 1:
            yield f"list {ids.public(PromoList.PREFIX, list_id)}: {codes} codes for many customers"
    types = dict(PromoList.objects.values_list("id", "type"))
    list_of_batch = dict(Batch.objects.values_list("id", "list"))
    for group in facts.codes:
        shown = ids.public(PromoList.PREFIX, group.list_id)
        if group.list_id not in types:
            yield f"{group.codes} codes: their list {shown} does not exist"
        elif group.batch_id is None and types[group.list_id] != ListType.MULTI_USE:
            yield f"{group.codes} codes of list {shown}: of no batch"
        elif group.batch_id is not None and list_of_batch.get(group.batch_id) != group.list_id:
            batch = ids.public(Batch.PREFIX, group.batch_id)
            yield f"{group.codes} codes of list {shown}: it has no batch {batch}"


def _codes_without_a_batch(facts: Facts) -> dict[int, int]:
    """How many codes without a batch each multi use list has. It must be one."""
    shared = PromoList.objects.filter(type=ListType.MULTI_USE).values_list("id", flat=True)
    none = dict.fromkeys(shared, 0)
    return none | {group.list_id: group.codes for group in facts.codes if group.batch_id is None}


def claims_outside_their_window(facts: Facts) -> Iterator[str]:
    ends_before = _earlier_ends()
    for promo_list in PromoList.objects.filter(id__in=facts.claims).order_by("id"):
        outside = Q(claimed_at__lt=promo_list.starts_at)
        since = promo_list.starts_at
        for until, ends_at in ends_before[promo_list.public_id]:
            outside |= Q(claimed_at__gte=max(since, ends_at), claimed_at__lt=until)
            since = max(since, until)
        outside |= Q(claimed_at__gte=max(since, promo_list.ends_at))
        for claim in Claim.objects.filter(outside, list=promo_list)[:EXAMPLES]:
            yield (
                f"code {claim.code_id}: claimed by {claim.customer} at"
                f" {claim.claimed_at.isoformat()}, outside the window of {promo_list.public_id}"
            )


def _earlier_ends() -> dict[str, list[tuple[datetime, datetime]]]:
    """By list, oldest first: until when which end was valid. Edits and claims of a list exclude
    each other, and both take the time while they hold the lock of its counter."""
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for entry in AuditEntry.objects.filter(action="list.edited").order_by("created_at", "id"):
        ends_at = datetime.fromisoformat((entry.before or {})["ends_at"])
        found[entry.subject].append((entry.created_at, ends_at))
    return found


def ends_without_a_record(_: Facts) -> Iterator[str]:
    """Lists whose end is not the one that the audit log recorded last."""
    recorded = {
        entry.subject: datetime.fromisoformat((entry.after or {})["ends_at"])
        for entry in AuditEntry.objects.filter(action__in=("list.created", "list.edited")).order_by(
            "created_at", "id"
        )
    }
    for promo_list in PromoList.objects.order_by("id"):
        if recorded.get(promo_list.public_id) != promo_list.ends_at:
            yield f"list {promo_list.public_id}: its end is not the one in the audit log"


def keys_with_two_effects(_: Facts) -> Iterator[str]:
    yield from breaches(
        "idempotency key {} of {}: {} answers",
        "SELECT key, owner, COUNT(*) FROM core_keptanswer GROUP BY key, owner HAVING COUNT(*) > 1",
    )
    yield from breaches(
        "claim {}: acknowledged to {} idempotency keys",
        f"SELECT {_answered_claim()}, COUNT(*) FROM core_keptanswer a WHERE a.status = 201"
        " AND NOT a.managing"
        " GROUP BY 1 HAVING COUNT(*) > 1",
    )


def codes_not_canonical(_: Facts) -> Iterator[str]:
    possible = _by_vendor(
        postgresql="value ~ '^[A-Z0-9]{3,64}$'",
        sqlite="length(value) BETWEEN 3 AND 64 AND value NOT GLOB '*[^A-Z0-9]*'",
    )
    yield from breaches(
        "code {}: not in the canonical form",
        f"SELECT value FROM core_code WHERE NOT ({possible})",
    )
    yield from breaches(
        "code {}: exists {} times",
        "SELECT value, COUNT(*) FROM core_code GROUP BY value HAVING COUNT(*) > 1",
    )


def codes_typed_otherwise(_: Facts) -> Iterator[str]:
    """Codes whose text is another code. SQL leaves out those that are clearly the same; Python
    checks the rest."""
    upper = _by_vendor(postgresql='upper(typed COLLATE "C")', sqlite="upper(typed)")
    plain = f"replace(replace(replace(replace({upper}, '-', ''), ' ', ''), '_', ''), '.', '')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT value, typed FROM core_code WHERE value <> {plain}")
        for value, typed in cursor:
            if canonical(typed) != value:
                yield f"code {value}: typed as {typed}, which is another code"


INVARIANTS = (
    Invariant("counters equal the facts", (counters_that_lie, lists_without_a_counter)),
    Invariant("no cap is exceeded", (passed_caps,)),
    Invariant(
        "a code is claimed once, a multi use code once a customer", (codes_claimed_too_often,)
    ),
    Invariant(
        "each claim issued what its list issues, and nothing else did",
        (claims_without_their_outcomes, outcomes_without_a_claim, balances_that_lie),
    ),
    Invariant("every acknowledged claim exists", (lost_claims,)),
    Invariant("a code is claimed or cancelled, never both", (codes_in_no_state,)),
    Invariant(
        "a batch is active when it is whole, and claimed only then",
        (batches_not_whole, codes_of_nothing),
    ),
    Invariant(
        "every claim lies in its list's window as it then was",
        (claims_outside_their_window, ends_without_a_record),
    ),
    Invariant("an idempotency key has one answer and one effect", (keys_with_two_effects,)),
    Invariant(
        "every code is in the one canonical form", (codes_not_canonical, codes_typed_otherwise)
    ),
    Invariant(
        "a reversal took back exactly what its claim issued, once",
        (reversals_of_nothing, reversals_that_took_something_else, rounds_without_a_reversal),
    ),
    Invariant(
        "a code is handed out once, to a recipient who may have it, and a bound one is theirs",
        (handouts_of_nothing, handouts_too_many, handouts_miscounted, bound_codes_of_others),
    ),
    Invariant(
        "each fact is told once to each endpoint that listens, and never otherwise",
        (claims_not_told_once, others_not_told, bodies_that_changed),
    ),
    Invariant(
        "an undone cancellation made available what it had cancelled, and nothing else",
        (codes_not_kept_cancelled, codes_not_available_again, cancellations_that_miscount),
    ),
)
