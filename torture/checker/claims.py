"""What was claimed: as often as caps, uniqueness and times allow, and all that was acknowledged."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from torture.checker.history import CLOCK, Attempt, Claim, History, canonical, seconds_of
from torture.journal import FOREVER


def no_cap_is_passed(history: History) -> Iterator[str]:
    for list_id, count in history.counts.items():
        for at, number in count.steps:
            most = max(history.caps[list_id].possible(at, at))
            if number > most:
                yield f"{list_id} has {number} claims at {at:.6f}, and its cap is {most}"
                break


def a_code_has_one_claim_at_a_time(history: History) -> Iterator[str]:
    """A multi use code: one for each customer."""
    places: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in history.claims:
        shared = history.final.lists[claim.list_id].facts["type"] == "multi_use"
        places[claim.code, claim.customer if shared else ""].append(claim)
    for claims in places.values():
        for first, second in pairwise(sorted(claims, key=lambda claim: claim.at)):
            if first.free_at > second.at:
                yield f"claimed twice: {first} and {second}"


def claims_lie_in_their_lists_window(history: History) -> Iterator[str]:
    for claim in history.claims:
        facts = history.final.lists[claim.list_id].facts
        if claim.at < seconds_of(facts["starts_at"]):
            yield f"claimed before the start: {claim}"
        if claim.at >= max(history.ends[claim.list_id].possible(claim.at, claim.at)):
            yield f"claimed at or after the end: {claim}"


def nothing_is_claimed_after_it_was_cancelled(history: History) -> Iterator[str]:
    for attempt in history.attempts("cancel"):
        if attempt.succeeded:
            for claim in history.by_code.get(canonical(attempt.sent["code"]), []):
                if claim.at > attempt.end:
                    yield f"{claim} although it was cancelled before: {attempt}"
                if claim.stood_throughout(attempt.begin, attempt.end):
                    yield f"{attempt} although it was claimed: {claim}"


def bound_codes_are_claimed_by_their_recipients(history: History) -> Iterator[str]:
    """Before it is handed out, such a code is anybody's."""
    for claim in history.claims:
        handout = history.handouts.get(claim.code)
        if handout is None or handout["recipient"] == claim.customer:
            continue
        bound = (history.final.lists[claim.list_id].facts.get("handout") or {}).get("bound")
        if bound and claim.free_at > seconds_of(handout["handed_out_at"]):
            yield f"{claim}, but it was handed out to {handout}"


def acknowledged_claims_are_there(history: History) -> Iterator[str]:
    there = {claim.id: claim for claim in history.claims}
    for attempt in history.claim_attempts:
        if attempt.succeeded and attempt.answer is not None:
            told = attempt.answer.answer
            claim = there.get(told["id"])
            if claim is None:
                yield f"lost: {attempt}, {told['id']}"
            elif any(claim.row[name] != told[name] for name in told if name != "reversed_at"):
                yield f"the claim {claim.row} was acknowledged as {told}"
            elif not attempt.begin - CLOCK <= claim.at <= attempt.end + CLOCK:
                yield f"{claim} was not made during {attempt}"


def every_claim_was_asked_for(history: History) -> Iterator[str]:
    """Every claim belongs to one attempt, which was answered with it or not at all."""
    acknowledged: Counter[str] = Counter()
    unanswered: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in history.claim_attempts:
        if attempt.succeeded and attempt.answer is not None:
            acknowledged[attempt.answer.answer["id"]] += 1
        elif attempt.may_have_happened:
            place = canonical(attempt.sent["code"]), attempt.sent["customer"]
            unanswered[place].append(attempt)
    for claim_id, number in acknowledged.items():
        if number > 1:
            yield f"{number} attempts were answered with the claim {claim_id}"
    for claim in sorted(history.claims, key=lambda claim: claim.at):
        if claim.id not in acknowledged:
            possible = unanswered[claim.code, claim.customer]
            fits = [one for one in possible if one.begin <= claim.at + CLOCK]
            if not fits:
                yield f"nobody asked for {claim}, or whoever did was told that nothing happened"
            else:
                possible.remove(fits[0])


def one_key_has_one_answer(history: History) -> Iterator[str]:
    for verb in sorted({call.verb for call in history.calls if call.key and call.verb != "misuse"}):
        for attempt in history.attempts(verb):
            if attempt.answer is None or attempt.answer.key is None:
                continue
            answered = [call for call in attempt.tries if call.definite]
            if len({(call.status, call.body) for call in answered}) > 1:
                yield f"{len(answered)} answers that differ: {attempt}: " + " | ".join(
                    f"call {call.number}: {call.status} {call.body!r}" for call in answered
                )


def a_key_belongs_to_one_request(history: History) -> Iterator[str]:
    for call in history.calls:
        if call.verb == "misuse" and call.definite and call.error != "idempotency_key_reused":
            yield f"a used key was taken for another request: {call.sent} {call.status}"


def reversals_are_done_once(history: History) -> Iterator[str]:
    there = {claim.id: claim for claim in history.claims}
    for claim_id, attempts in history.reversals.items():
        answers = {a.answer.body for a in attempts if a.succeeded and a.answer is not None}
        if len(answers) > 1:
            yield f"the claim {claim_id} was reversed with {len(answers)} answers: {answers}"
        claim = there.get(claim_id)
        for attempt in attempts if claim is not None else []:
            assert claim is not None
            told = attempt.answer.answer if attempt.answer is not None else {}
            if attempt.succeeded and claim.row["reversed_at"] != told["reversed_at"]:
                yield f"{claim.row} does not show its reversal: {attempt}"
            if attempt.error == "already_reversed" and len(attempts) == 1:
                yield f"reversed already, but by nobody: {attempt}"
    for claim in there.values():
        if claim.reversed_at is not None:
            asked = history.reversals.get(claim.id, [])
            if not any(a.may_have_happened and a.begin <= claim.reversed_at for a in asked):
                yield f"nobody asked to reverse {claim}"


def customers_have_what_their_claims_issued(history: History) -> Iterator[str]:
    """Points, offers and tags of all claims that were not reversed."""
    of_customer: dict[str, list[Claim]] = defaultdict(list)
    for claim in history.claims:
        if claim.reversed_at is None:
            of_customer[claim.customer].append(claim)
    for customer, read in history.final.customers.items():
        standing = [claim.row["outcomes"] for claim in of_customer[customer]]
        expected = (
            sum(outcomes["points"] for outcomes in standing),
            len(standing),
            sorted({tag for outcomes in standing for tag in outcomes["tags"]}),
            sum(len(outcomes["offers"]) for outcomes in standing),
        )
        tags, offers = sorted(read["tags"]), len(read["offers"])
        found = read["points"], read["claim_count"], tags, offers
        if found != expected:
            yield f"{customer} has {found} and should have {expected}"


def claims_stand_in_the_count(history: History) -> Iterator[str]:
    for list_id, read in history.final.lists.items():
        holding = sum(claim.free_at == FOREVER for claim in history.claims_of[list_id])
        if read.facts["claim_count"] != holding:
            yield f"{list_id} counts {read.facts['claim_count']} claims and has {holding}"


RULES = (
    no_cap_is_passed,
    a_code_has_one_claim_at_a_time,
    claims_lie_in_their_lists_window,
    nothing_is_claimed_after_it_was_cancelled,
    bound_codes_are_claimed_by_their_recipients,
    acknowledged_claims_are_there,
    every_claim_was_asked_for,
    one_key_has_one_answer,
    a_key_belongs_to_one_request,
    reversals_are_done_once,
    customers_have_what_their_claims_issued,
    claims_stand_in_the_count,
)
