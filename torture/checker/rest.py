"""Everything besides claims: what is read, handed out, cancelled and generated."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from torture.checker.history import Attempt, Claim, History, canonical, seconds_of
from torture.journal import FOREVER, Call


def what_is_read_has_happened(history: History) -> Iterator[str]:
    """A claim that was acknowledged before the call is there, with its reversal."""
    for call in history.calls:
        if call.verb != "read_claim" or not call.definite:
            continue
        asked = history.reversals.get(call.sent["claim"], [])
        if not call.succeeded:
            yield f"an acknowledged claim was not there: {call.sent} {call.status} {call.begin:.6f}"
        elif call.answer["reversed_at"] is None:
            if any(one.succeeded and one.end < call.begin for one in asked):
                yield f"a reversed claim was read as standing: {call.sent} {call.begin:.6f}"
        elif not any(one.may_have_happened and one.begin <= call.end for one in asked):
            yield f"a claim that stands was read as reversed: {call.sent} {call.begin:.6f}"


def lists_are_read_as_they_are(history: History) -> Iterator[str]:
    ends = {
        a.answer.answer["id"]: a.end for a in history.claim_attempts if a.succeeded and a.answer
    }
    final = (_as_call(read.facts) for read in history.final.lists.values())
    for call in (*history.calls, *final):
        if call.verb == "read_list" and call.succeeded:
            yield from _read_as(history, call, ends)


def _as_call(facts: dict[str, object]) -> Call:
    """The list as it was read at the very end."""
    sent, last = {"list": facts["id"]}, FOREVER
    return Call(0, "", "calm", "read_list", sent, None, last, last, 200, answer=facts)


def _read_as(history: History, call: Call, ends: dict[str, float]) -> Iterator[str]:
    there, list_id = call.answer, call.sent["list"]
    claims = history.claims_of.get(list_id, [])
    cap = FOREVER if there["entry_cap"] is None else there["entry_cap"]
    if cap not in history.caps[list_id].possible(call.begin, call.end):
        yield f"{list_id} was read with the cap {cap}, which it did not have at {call.begin:.6f}"
    if seconds_of(there["ends_at"]) not in history.ends[list_id].possible(call.begin, call.end):
        yield f"{list_id} was read with an end that it did not have at {call.begin:.6f}"
    least = sum(ends.get(c.id, FOREVER) < call.begin and c.free_at > call.end for c in claims)
    most = sum(c.at <= call.end and c.free_at >= _freed_before(history, c, call) for c in claims)
    if not least <= there["claim_count"] <= most:
        found = there["claim_count"]
        yield f"{list_id} was read with {found} claims, not {least} to {most}: {call.begin:.6f}"


def _freed_before(history: History, claim: Claim, call: Call) -> float:
    """A time from which on the claim may still be counted: the call's begin if a reversal was
    acknowledged before it, else any."""
    asked = history.reversals.get(claim.id, [])
    known = any(one.succeeded and one.end < call.begin for one in asked)
    return call.begin if known else 0.0


def a_code_is_handed_out_once(history: History) -> Iterator[str]:
    for list_id, read in history.final.lists.items():
        for name in ("code", "recipient", "id"):
            for value, number in Counter(row[name] for row in read.handouts).items():
                if number > 1:
                    yield f"{list_id} has {number} handouts with the {name} {value}"


def acknowledged_handouts_are_there(history: History) -> Iterator[str]:
    there = {
        (list_id, row["recipient"]): row
        for list_id, read in history.final.lists.items()
        for row in read.handouts
    }
    new: Counter[tuple[str, str]] = Counter()
    for attempt in history.attempts("hand_out"):
        if attempt.answer is None or not attempt.succeeded:
            continue
        place, told = (attempt.sent["list"], attempt.sent["by"]), attempt.answer.answer
        new[place] += attempt.answer.status == 201
        row = there.get(place)
        if row is None or (row["id"], row["code"]) != (told["id"], told["code"]):
            yield f"{attempt} was answered with {told}, and there is {row}"
    yield from (f"{number} new codes for {place}" for place, number in new.items() if number > 1)


def codes_are_handed_out_while_there_are_some(history: History) -> Iterator[str]:
    for attempt in history.attempts("hand_out"):
        if attempt.error == "no_codes_left" and (left := _surely_left(history, attempt)):
            yield f"no_codes_left, but {sorted(left)[:3]} were free: {attempt}"


def _surely_left(history: History, attempt: Attempt) -> set[str]:
    """Codes that were known before the call, and that nobody claimed, got or cancelled until
    its end."""
    list_id = attempt.sent["list"]
    left: set[str] = set()
    for end, codes in history.codes_read[list_id]:
        if end < attempt.begin:
            left |= codes
    left -= {c.code for c in history.claims_of[list_id] if c.at <= attempt.end}
    left -= {
        canonical(row["code"])
        for row in history.final.lists[list_id].handouts
        if seconds_of(row["handed_out_at"]) <= attempt.end
    }
    return {
        code
        for code in left
        if not any(one.begin <= attempt.end for one in history.cancels.get(code, []))
    }


def only_free_codes_are_handed_out(history: History) -> Iterator[str]:
    for attempt in history.attempts("hand_out"):
        if attempt.answer is not None and attempt.answer.status == 201:
            code = canonical(attempt.answer.answer["code"])
            for claim in history.by_code.get(code, []):
                if claim.stood_throughout(attempt.begin, attempt.end):
                    yield f"a claimed code was handed out: {claim}: {attempt}"
            for cancel in history.cancels.get(code, []):
                if cancel.tries[0].verb == "cancel" and cancel.end < attempt.begin:
                    yield f"a cancelled code was handed out: {cancel}: {attempt}"


def cancelled_is_what_was_cancelled(history: History) -> Iterator[str]:
    """No code is both claimed and cancelled, and none is cancelled without a reason."""
    for read in history.final.lists.values():
        for row in read.codes:
            code = canonical(row["code"])
            stands = [c for c in history.by_code.get(code, []) if c.free_at == FOREVER]
            if row["status"] == "cancelled" and stands:
                yield f"claimed and cancelled: {stands}"
            single, jobs = _cancelled_by(history, code)
            if row["status"] == "cancelled" and not single and not jobs:
                yield f"nobody cancelled {code}"
            if row["status"] == "available" and any(one.succeeded for one in single):
                yield f"{code} was cancelled and is available"


def _cancelled_by(history: History, code: str) -> tuple[list[Attempt], list[Attempt]]:
    """What may have cancelled it: one by one, and with others."""
    asked = history.cancels.get(code, [])
    return (
        [one for one in asked if one.tries[0].verb == "cancel"],
        [one for one in asked if one.tries[0].verb == "cancel_several"],
    )


def cancellations_in_bulk_are_complete(history: History) -> Iterator[str]:
    """A code that was named is cancelled, or was claimed when its turn came. After the undoing it
    is available, unless it was cancelled in another way too."""
    status = {
        canonical(row["code"]): row["status"]
        for read in history.final.lists.values()
        for row in read.codes
    }
    undone = {job_id for job_id, job in history.final.jobs.items() if job["undo"]}
    for attempt in history.attempts("cancel_several"):
        if attempt.answer is None or not attempt.succeeded:
            continue
        job_id = attempt.answer.answer["id"]
        if job_id not in history.final.jobs:
            yield f"a cancellation was lost: {attempt}"
        for code in map(canonical, attempt.sent["codes"]):
            claimed = any(c.free_at > attempt.begin for c in history.by_code.get(code, []))
            if job_id not in undone and status[code] == "available" and not claimed:
                yield f"{code} was to be cancelled and is available: {attempt}"


def codes_are_made_as_asked(history: History) -> Iterator[str]:
    asked: dict[str, Counter[str]] = defaultdict(Counter)
    for attempt in history.attempts("ask_for_codes"):
        if attempt.answer is not None and attempt.succeeded:
            asked[attempt.sent["list"]][attempt.answer.answer["id"]] += 1
        elif attempt.may_have_happened:
            asked[attempt.sent["list"]]["unknown"] += 1
    for list_id, read in history.final.lists.items():
        there = {row["id"]: row for row in read.batches}
        known = asked[list_id].keys() - {"unknown"}
        if known - there.keys():
            yield f"{list_id} lost batches: {known - there.keys()}"
        if not len(known) <= len(there) <= len(known) + asked[list_id]["unknown"]:
            yield f"{list_id} has {len(there)} batches; asked for: {asked[list_id]}"
        wrong = [row for row in there.values() if row["created"] != row["quantity"]]
        yield from (f"a batch is not whole: {row}" for row in wrong)
        made = len({canonical(row["code"]) for row in read.codes})
        wanted = sum(row["quantity"] for row in there.values())
        if read.codes and not made == wanted == read.facts["code_count"]:
            yield f"{list_id} has {made} codes of {wanted}, counted {read.facts['code_count']}"


def everything_came_to_rest(history: History) -> Iterator[str]:
    yield from history.final.problems


def the_doctor_agrees(history: History) -> Iterator[str]:
    status, said = history.final.doctor
    if status:
        yield f"promint doctor ended with {status}:\n{said}"


RULES = (
    what_is_read_has_happened,
    lists_are_read_as_they_are,
    a_code_is_handed_out_once,
    acknowledged_handouts_are_there,
    codes_are_handed_out_while_there_are_some,
    only_free_codes_are_handed_out,
    cancelled_is_what_was_cancelled,
    cancellations_in_bulk_are_complete,
    codes_are_made_as_asked,
    everything_came_to_rest,
    the_doctor_agrees,
)
