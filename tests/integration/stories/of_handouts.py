"""Rules about handing out and cancelling codes."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from promint.core import bulk_handouts, codes
from promint.core.bulk_handouts import giving
from promint.core.codes import cancellations, given_by_staff, handouts
from promint.core.models import BulkHandout
from promint.core.reading import Row
from promint.core.rules.refusals import Refused
from promint.core.storage import jobs
from promint.core.uploads import Staged, stage
from tests.factories import ACTOR
from tests.integration.stories import model
from tests.integration.stories.calling import killed
from tests.integration.stories.of_claims import StoriesOfClaims
from tests.integration.stories.setting import (
    AGENTS,
    ANY,
    HANDED_OUT,
    LEASE_IS_OVER,
    MOSTLY,
    PEOPLE,
    WAY,
)


class StoriesOfHandouts(StoriesOfClaims):
    # Handing out

    @rule(n=ANY, who=PEOPLE, early=st.booleans(), way=WAY)
    def hand_out(self, n: int, who: str, early: bool, way: str) -> None:
        of = self.a_list(n)

        def verb() -> tuple[str, bool]:
            state, is_new = handouts.hand_out(of.id, who, ACTOR, early=early)
            return state.shown, is_new

        self._given(of, who, verb, way, self._why_no_code(of, who, early))

    @rule(n=ANY, who=PEOPLE, agent=AGENTS, way=WAY)
    def agent_hands_out(self, n: int, who: str, agent: str, way: str) -> None:
        of, today = self.a_list(n), self.clock.now.date().isoformat()
        refusal = self._why_no_code(of, who, early=False)
        place = of.id, agent, today
        if refusal is None and self.world.again(of, who) is None:
            used_up = self.world.by_agents[place] >= (of.agents_per_day or 0)
            refusal = "invalid_request" if used_up else None
        if not of.shared and (of.agents_per_day is None or of.archived):
            refusal = "invalid_request"

        def verb() -> tuple[str, bool]:
            state, is_new = given_by_staff.give(of.id, who, "asked", agent)
            return state.shown, is_new

        self.world.by_agents[place] += self._given(of, who, verb, way, refusal)

    def _why_no_code(self, of: model.PromoList, who: str, early: bool) -> str | None:
        if of.shared:
            return "wrong_list_type"
        return None if self.world.again(of, who) else self.world.why_no_code(of, early)

    def _given(
        self, of: model.PromoList, who: str, verb: Any, way: str, refusal: str | None
    ) -> bool:
        result = self.say(verb, way, refusal)
        if refusal is not None:
            return False
        shown, is_new = result
        again = self.world.again(of, who)
        assert is_new is (again is None)
        self._check_given(of, who, shown)
        self.pass_a_moment()
        return is_new

    def _check_given(self, of: model.PromoList, who: str, shown: str) -> None:
        if (again := self.world.again(of, who)) is not None:
            assert shown == again.shown
            return
        (code,) = [one for one in self.world.free_codes(of) if one.shown == shown]
        self.world.give(code, who)

    @rule(
        n=ANY,
        people=st.lists(PEOPLE, min_size=1, max_size=4, unique=True),
        early=st.booleans(),
        place=st.sampled_from([
            None, "handouts.before_commit", "handouts.after_commit", "bulk_handouts.before_rows",
            "bulk_handouts.in_rows", "bulk_handouts.after_chunk",
        ]),
    )  # fmt: skip
    def hand_out_to_a_file(self, n: int, people: list[str], early: bool, place: str | None) -> None:
        of = self.a_list(n)
        refusal = "wrong_list_type" if of.shared else self.world.why_no_code(of, early)
        refusal = None if refusal == "no_codes_left" else refusal
        asked = self.say(lambda: _asked(of.id, people, early), "plain", refusal)
        if refusal is not None:
            return
        if place is not None:
            killed(lambda: _serve(asked, people), place)
        self.go_to(self.clock.now + LEASE_IS_OVER)
        served = _serve(asked, people)
        for who in people:
            if isinstance(served[who], Refused):
                assert served[who].refusal.value == self._why_no_code(of, who, early)
            else:
                self._check_given(of, who, served[who].shown)
        self.pass_a_moment()

    # Cancelling

    @rule(n=ANY, way=WAY)
    def cancel(self, n: int, way: str) -> None:
        code = self.a_code(n)
        self.say(
            lambda: codes.cancel(code.shown, "lost", ACTOR).shown, way, self.world.cancel(code)
        )
        self.pass_a_moment()

    @rule(
        n=ANY,
        what=st.sampled_from(["list", "batch", "named"]),
        named=st.lists(ANY, min_size=1, max_size=4),
        handed_out=HANDED_OUT,
        at_once=MOSTLY,
        way=WAY,
    )
    def cancel_many(
        self, n: int, what: str, named: list[int], handed_out: bool | None, at_once: bool, way: str
    ) -> None:
        self.work(None)
        of = self.a_list(n) if what == "list" else None
        batch = None
        if what == "batch":
            if not self.world.batches:
                return
            batch = self.world.batches[n % len(self.world.batches)]
        chosen = [self.a_code(one) for one in named] if what == "named" else []
        refusal = self.world.why_no_cancellation(of, batch)
        new_id = self.say(
            lambda: (
                cancellations.request(
                    "stolen",
                    ACTOR,
                    list_id=of and of.id,
                    batch_id=batch and batch.id,
                    typed=[one.shown for one in chosen] + ["NOT-ONE-OF-OURS"] if chosen else None,
                    handed_out=handed_out,
                ).public_id
            ),
            way,
            refusal,
        )
        if refusal is None:
            of = batch.of if batch is not None else of
            self.world.cancellations.append(
                model.Cancellation(new_id, of, batch, chosen, handed_out, self.clock.now)
            )
        self.pass_a_moment()
        if at_once:
            self.work(None)

    @precondition(lambda self: self.world.cancellations)
    @rule(n=ANY, at_once=MOSTLY, way=WAY)
    def undo(self, n: int, at_once: bool, way: str) -> None:
        job = self.world.cancellations[n % len(self.world.cancellations)]
        others = [one for one in self.world.cancellations if one is not job]
        if any(one.state in ("asked", "undo asked") for one in others):
            self.work(None)  # in which order workers take two jobs is left open
        self.say(lambda: cancellations.undo(job.id, ACTOR).public_id, way, self.world.undo(job))
        self.pass_a_moment()
        if at_once:
            self.work(None)


def _asked(list_id: str, people: list[str], early: bool) -> str:
    """A job whose file was read already."""
    staged = Staged(stage("people.csv", ["\n".join(people).encode()]).file, "people.csv")
    understood = bulk_handouts.bulk.Understood(staged, early, {"account": {}, "plan": {}})
    job = bulk_handouts.enter(list_id, understood, ACTOR)
    BulkHandout.objects.filter(id=job.id).update(quantity=len(people))
    return job.public_id


def _serve(job_id: str, people: list[str]) -> Any:
    """What the worker does with the rows of the file."""
    key = bulk_handouts.find(job_id).id
    job = jobs.take(bulk_handouts.waiting().filter(id=key))
    if job is None:  # the worker that was killed had finished
        job = BulkHandout.objects.get(id=key)
        assert job.status == "active"
        return giving.serve(job, people)
    served = giving.serve(job, people)
    giving.failpoints.reach("bulk_handouts.before_rows")
    giving.store(job, [Row(0, n, who, who, "") for n, who in enumerate(people, 1)], served)
    giving.failpoints.reach("bulk_handouts.after_chunk")
    return served
