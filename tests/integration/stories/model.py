"""A simple model of what Promint promises, written from its description. It shares no code with the
product: nothing of it is imported here, and all rules are written once more, as simply as possible.

A verb of the model returns the name of its refusal, or changes the model.
"""

from collections import Counter
from datetime import datetime, timedelta

from tests.integration.stories.things import (
    DAY as DAY,
)
from tests.integration.stories.things import (
    HOUR as HOUR,
)
from tests.integration.stories.things import (
    MINUTE as MINUTE,
)
from tests.integration.stories.things import (
    Answer as Answer,
)
from tests.integration.stories.things import (
    Attempt as Attempt,
)
from tests.integration.stories.things import (
    Batch as Batch,
)
from tests.integration.stories.things import (
    Cancellation as Cancellation,
)
from tests.integration.stories.things import (
    Claim as Claim,
)
from tests.integration.stories.things import (
    Code as Code,
)
from tests.integration.stories.things import (
    Guesses as Guesses,
)
from tests.integration.stories.things import (
    Handout as Handout,
)
from tests.integration.stories.things import (
    Kept as Kept,
)
from tests.integration.stories.things import (
    Offer as Offer,
)
from tests.integration.stories.things import (
    PromoList as PromoList,
)


class World:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.offers: list[Offer] = []
        self.lists: list[PromoList] = []
        self.batches: list[Batch] = []
        self.codes: list[Code] = []
        self.claims: list[Claim] = []
        self.cancellations: list[Cancellation] = []
        self.guesses: dict[str, Guesses] = {}
        self.kept: dict[tuple[str, str], Kept] = {}
        self.by_agents: Counter[tuple[str, str, str]] = Counter()
        self.events: Counter[str] = Counter()

    # Claiming

    def attempt(self, attempts: list[Attempt]) -> list[Answer]:
        before = {id(one): one.limits_reached() for one in self.lists}
        answers = [self._answer(one) for one in attempts]
        self._tell_limits(before)
        return answers

    def _tell_limits(self, before: dict[int, set[str]]) -> None:
        for one in self.lists:
            self.events.update(one.limits_reached() - before[id(one)])

    def _answer(self, attempt: Attempt) -> Answer:
        place = attempt.key or "", attempt.caller
        if attempt.key is not None and (kept := self.kept.get(place)) is not None:
            if kept.sent != attempt.sent:
                return Answer(422, "idempotency_key_reused")
            return Answer(kept.answer.status, kept.answer.error, kept.answer.claim, True)
        answer = self._judged(attempt)
        if attempt.key is not None and answer.status in (200, 201, 409):
            self.kept[place] = Kept(attempt.sent, answer, self.now)
        return answer

    def _judged(self, attempt: Attempt) -> Answer:
        error, code, who = self.verdict(attempt.code, attempt.who), attempt.code, attempt.who
        if error == "code_not_found":
            self._count_guess(who)
        if attempt.only_validate:
            return Answer(200, error)
        if error == "too_many_attempts":
            until = self.guesses[who].locked_until
            assert until is not None
            return Answer(429, error, retry_after=until - self.now)
        if error == "code_not_found":
            return Answer(404, error)
        assert code is not None
        if error is not None:
            earlier = error == "already_claimed_by_customer" and self._claim_of(code, who)
            return Answer(409, error, earlier or None)
        return Answer(201, claim=self._claim(code, who))

    def verdict(self, code: Code | None, who: str) -> str | None:
        """The refusals in the order of the description."""
        if self.is_locked_out(who):
            return "too_many_attempts"
        if code is None or code.is_hidden_from(who):
            return "code_not_found"
        now, of = self.now, code.of
        refusals = [
            ("code_cancelled", code.cancelled),
            ("already_claimed_by_customer", self._claim_of(code, who) is not None),
            ("code_already_claimed", code.taken),
            ("code_not_active", now < of.starts_at or not code.active),
            ("code_expired", now >= code.ends_at),
            ("cap_reached", of.full),
        ]
        return next((error for error, applies in refusals if applies), None)

    @staticmethod
    def _claim_of(code: Code, who: str) -> Claim | None:
        own = (one for one in code.claims if one.customer == who and one.takes_its_code)
        return next(own, None)

    def _claim(self, code: Code, who: str) -> Claim:
        claim = Claim(code, who, self.now, [offer.name for offer in code.of.offers])
        for place in (code.claims, code.of.claims, self.claims):
            place.append(claim)
        self.events["claim.created"] += 1
        return claim

    # Guessing: ten unknown codes in ten minutes, then a quarter of an hour, doubling to a day

    def is_locked_out(self, who: str) -> bool:
        until = self.guesses.get(who, Guesses()).locked_until
        return until is not None and self.now < until

    def _count_guess(self, who: str) -> None:
        guesses = self.guesses.setdefault(who, Guesses())
        guesses.at = [at for at in guesses.at if at > self.now - 10 * MINUTE] + [self.now]
        if len(guesses.at) < 10:
            return
        last = guesses.locked_until
        if last is None or self.now - last > DAY:
            guesses.lockouts = 0
        length = min(DAY, 15 * MINUTE * 2**guesses.lockouts)
        guesses.at, guesses.locked_until = [], self.now + length
        guesses.lockouts += 1

    def lift(self, who: str) -> bool:
        was = self.is_locked_out(who)
        self.guesses.pop(who, None)
        return was

    # What is kept for a while

    def forget(self) -> None:
        for place, kept in list(self.kept.items()):
            if self.now - kept.at > (DAY if kept.sent[2] else 30 * DAY):
                del self.kept[place]
        for one in self.lists:
            near = timedelta() < one.ends_at - self.now <= 3 * DAY
            if near and not one.full and one.told_end != one.ends_at:
                one.told_end = one.ends_at
                self.events["list.ends_soon"] += 1

    # Lists and offers

    def why_not_created(self, offers: list[Offer]) -> str | None:
        return "invalid_request" if any(offer.retired for offer in offers) else None

    def edit(self, of: PromoList, changes: dict[str, datetime | int | None]) -> str | None:
        ends_at, cap = changes.get("ends_at", of.ends_at), changes.get("entry_cap", of.cap)
        assert isinstance(ends_at, datetime)
        assert cap is None or isinstance(cap, int)
        if ends_at <= of.starts_at:
            return "invalid_request"
        if "entry_cap" in changes and cap is not None and cap < of.places_taken:
            return "cap_below_claims"
        before = {id(of): of.limits_reached()}
        if (of.ends_at, of.cap) != (ends_at, cap):
            self.events["list.changed"] += 1
        of.ends_at, of.cap = ends_at, cap
        self.events.update(of.limits_reached() - before[id(of)])
        return None

    def end_now(self, of: PromoList) -> str | None:
        if self.now >= of.ends_at:
            return "list_completed"
        if self.now <= of.starts_at:
            return "invalid_request"
        return self.edit(of, {"ends_at": self.now})

    def remove(self, of: PromoList) -> str | None:
        own = [batch for batch in self.batches if batch.of is of]
        codes = any(code.of is of for code in self.codes)
        if codes or any(batch.status == "pending" for batch in own):
            return "list_in_use"
        self.lists.remove(of)
        self.batches = [batch for batch in self.batches if batch.of is not of]
        self.cancellations = [one for one in self.cancellations if one.of is not of]
        return None

    # Batches

    def why_no_batch(self, of: PromoList, type: str) -> str | None:
        if of.type != type:
            return "wrong_list_type"
        return "list_completed" if of.status(self.now) == "completed" else None

    def activate(self, batch: Batch) -> None:
        batch.status, batch.active_since = "active", self.now
        self.events["batch.active"] += 1

    # Reversal

    def reverse(self, claim: Claim, how: str) -> str | None:
        if claim.reversed is not None:
            return None if claim.reversed == how else "already_reversed"
        claim.reversed = how
        self.events["claim.reversed"] += 1
        return None

    # Handing out

    def had(self, of: PromoList, who: str) -> list[Handout]:
        return [one for one in of.handed_out if one.recipient == who]

    def again(self, of: PromoList, who: str) -> Code | None:
        """The code that the recipient gets once more."""
        had = self.had(of, who)
        return had[-1].code if len(had) >= of.per_recipient else None

    def why_no_code(self, of: PromoList, early: bool) -> str | None:
        status = of.status(self.now)
        if status == "completed":
            return "list_completed"
        if status == "pending" and not early:
            return "code_not_active"
        return None if self.free_codes(of) else "no_codes_left"

    def free_codes(self, of: PromoList) -> list[Code]:
        return [code for code in self.codes if code.of is of and code.free]

    def give(self, code: Code, who: str) -> None:
        code.handout = Handout(code, who, self.now)
        code.of.handed_out.append(code.handout)
        self.events["code.handed_out"] += 1

    # Cancelling

    def cancel(self, code: Code) -> str | None:
        if code.of.shared:
            return "wrong_list_type"
        if code.taken:
            return "code_already_claimed"
        self.events["code.cancelled"] += not code.cancelled
        code.cancelled_alone = True
        return None

    def why_no_cancellation(self, of: PromoList | None, batch: Batch | None) -> str | None:
        if batch is not None:
            return None if batch.status == "active" else "batch_pending"
        return "wrong_list_type" if of is not None and of.shared else None

    def undo(self, job: Cancellation) -> str | None:
        if job.state in ("undo asked", "undone"):
            return None
        if self.now >= job.at + 30 * DAY:
            return "undo_expired"
        job.state = "undo asked"
        return None

    def work_on_cancellations(self) -> None:
        for job in self.cancellations:
            if job.state == "asked":
                self._cancel_all(job)
                job.state = "done"
            elif job.state == "undo asked":
                for code in self.codes:
                    code.cancelled_by.discard(job)
                job.state = "undone"

    def _cancel_all(self, job: Cancellation) -> None:
        for code in self.codes:
            wanted = job.handed_out in (None, code.handout is not None)
            if code.of.shared or not job.means(code) or not wanted or code.taken:
                continue
            if not code.cancelled:
                self.events["code.cancelled"] += 1
            if not code.cancelled or code.cancelled_by:
                code.cancelled_by.add(job)

    # What a customer has

    def profile(self, who: str) -> dict[str, object]:
        standing = [one for one in self.claims if one.customer == who and one.reversed is None]
        return {
            "points": sum(one.code.of.points for one in standing),
            "offers": sorted(name for one in standing for name in one.offers),
            "tags": sorted({tag for one in standing for tag in one.code.of.tags}),
            "claim_count": len(standing),
        }

    def moments(self) -> list[datetime]:
        """The moments in the future at which something changes by itself."""
        found = {at for one in self.lists for at in (one.starts_at, one.ends_at)}
        found |= {code.ends_at for code in self.codes}
        found |= {one.locked_until for one in self.guesses.values() if one.locked_until}
        found |= {at + 10 * MINUTE for one in self.guesses.values() for at in one.at}
        found |= {one.at + 30 * DAY for one in self.cancellations}
        return sorted(at for at in found if at > self.now)
