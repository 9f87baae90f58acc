"""What all rules of the stories share, and what can be seen in the end."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from promint.core import codes, customers, lists
from promint.core.claiming import find_claim
from promint.core.codes import batches
from promint.core.models import Delivery
from promint.worker.generation import Generator
from tests.conftest import empty_tables
from tests.integration.stories import model
from tests.integration.stories.calling import WAYS, call
from tests.integration.stories.clock import Clock
from tests.integration.stories.model import World
from tests.soundness import assert_every_invariant_holds

TICK = timedelta(milliseconds=1)
LEASE_IS_OVER = timedelta(seconds=16)

ANY = st.integers(0, 999)  # one of what there is
PEOPLE = st.sampled_from(["ann", "bob", "cy", "a/b ü"])
WAY = st.sampled_from(WAYS)
CAPS = st.sampled_from([None, None, 1, 2, 3, 5])
RARELY = st.sampled_from([False, False, False, True])
MOSTLY = RARELY.map(lambda rare: not rare)
HANDED_OUT = st.sampled_from([None, None, True, False])
KEYS = st.sampled_from([None, None, None, "k1", "k2", "k3"])
CALLERS = st.sampled_from(["key_1", "key_1", "key_2"])
AGENTS = st.sampled_from(["staff:agent-1", "staff:agent-2"])
HOW = st.sampled_from(["stays_used", "available_again"])

COUNTED = {
    "claim.created",
    "claim.reversed",
    "code.cancelled",
    "code.handed_out",
    "batch.active",
    "list.cap_near",
    "list.cap_reached",
    "list.ends_soon",
    "list.created",
    "list.changed",
}


class Setting(RuleBasedStateMachine):
    clock: Clock  # set by the test

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        self.world = World(self.clock.now)
        self.made = 0
        self.generator = Generator()

    # What the rules share

    def say(self, verb: Any, way: str, foretold: str | None) -> Any:
        """Call a verb in some way; it must be refused as foretold. Returns its result."""
        result, refusal = call(verb, way)
        assert refusal == foretold
        return result

    def pass_a_moment(self) -> None:
        self.go_to(self.clock.now + TICK)

    def go_to(self, moment: Any) -> None:
        self.clock.set(moment)
        self.world.now = moment

    def a_list(self, n: int) -> model.PromoList:
        return self.world.lists[n % len(self.world.lists)]

    def a_code(self, n: int) -> model.Code:
        return self.world.codes[n % len(self.world.codes)]

    def new_codes(self, batch: model.Batch) -> None:
        """Put into the model what the product made."""
        known = {code.shown for code in self.world.codes}
        for state in codes.of_batch(batches.find(batch.id), "", 100):
            if state.shown not in known:
                self.world.codes.append(model.Code(state.shown, batch.of, batch))

    # What can be seen

    @rule(n=ANY, who=PEOPLE)
    def look(self, n: int, who: str) -> None:
        self._look_at_code(self.a_code(n))
        self._look_at_list(self.a_list(n))
        self._look_at_customer(who)

    def _look_at_code(self, code: model.Code) -> None:
        assert codes.find(code.shown).status == code.status

    def _look_at_list(self, of: model.PromoList) -> None:
        found = lists.find(of.id)
        assert found.status(self.clock.now).value == of.status(self.clock.now)
        assert found.counter.claims == of.places_taken
        own = [one for one in self.world.codes if one.of is of and one.active]
        assert found.counter.codes == len(own)
        assert found.counter.cancelled == sum(one.cancelled for one in own)
        assert (found.archived_at is not None) is of.archived

    def _look_at_customer(self, who: str) -> None:
        found = customers.profile(who)
        assert self.world.profile(who) == {
            "points": found.points,
            "offers": sorted(issued.name for issued in found.offers),
            "tags": sorted(found.tags),
            "claim_count": found.claim_count,
        }

    def teardown(self) -> None:
        for code in self.world.codes:
            self._look_at_code(code)
        for of in self.world.lists:
            self._look_at_list(of)
        for who in {one.customer for one in self.world.claims}:
            self._look_at_customer(who)
        for claim in (one for one in self.world.claims if one.id):
            reversed_at = find_claim(claim.id).claim.reversed_at
            assert (reversed_at is not None) is (claim.reversed is not None)
        self._look_at_events()
        assert_every_invariant_holds()

    def _look_at_events(self) -> None:
        sent = Delivery.objects.filter(event__in=COUNTED).values_list("event", flat=True)
        told, foretold = model.Counter(sent), self.world.events
        differ = {e: (told[e], foretold[e]) for e in COUNTED if told[e] != foretold[e]}
        assert not differ
