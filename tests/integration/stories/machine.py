"""Makes up stories: rules of which each calls a verb of the product and the same verb of the model,
and compares what they say."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from promint.core.claiming import guessing, kept_answers
from promint.core.events import endings
from tests.integration.stories.model import DAY, HOUR, MINUTE
from tests.integration.stories.of_handouts import StoriesOfHandouts
from tests.integration.stories.setting import ANY, HOW, PEOPLE, RARELY, TICK, WAY


class AnyStory(StoriesOfHandouts):
    # Chapters: what needs several steps in a row, and would hardly ever come together by itself

    @rule(first=ANY, second=ANY, who=PEOPLE, how=HOW, way=WAY)
    def take_one_of_two_back(self, first: int, second: int, who: str, how: str, way: str) -> None:
        self.attempt_alone(first, who, 0)
        self.attempt_alone(second, who, 0)
        if self.world.claims:
            self.reverse(0, how, way)
        self._look_at_customer(who)
        self.attempt_alone(second, who, 0)

    @rule(who=PEOPLE, rounds=st.integers(1, 3), n=ANY)
    def guess_until_locked_out(self, who: str, rounds: int, n: int) -> None:
        for _ in range(rounds):
            self.guess(who, 9, n % 2 == 0, n)
            self.guess(who, 2, False, n)
            until = self.world.guesses[who].locked_until
            assert until is not None
            self.go_to(max(until, self.clock.now))
        self.attempt_alone(n, who, 0)

    @rule(n=ANY, who=PEOPLE, other=PEOPLE, just_before=st.booleans(), way=WAY)
    def claim_what_was_handed_out(
        self, n: int, who: str, other: str, just_before: bool, way: str
    ) -> None:
        self.create_list("single_use", timedelta(), 10 * DAY, None, [], (n % 2 > 0, 1, 1, 1), way)
        place = len(self.world.lists) - 1
        self.request_codes(place, 2, way)
        self.work(None)
        self.hand_out(place, who, False, way)
        of = self.world.lists[place]
        if of.handed_out:
            code = of.handed_out[-1].code
            self.attempt_alone(self.world.codes.index(code), other, 0)
            self.go_to(code.ends_at - (TICK if just_before else timedelta()))
            self.attempt_alone(self.world.codes.index(code), who, 0)

    @rule(n=ANY, named=st.lists(ANY, min_size=1, max_size=3), alone=st.booleans(), way=WAY)
    def cancel_and_undo(self, n: int, named: list[int], alone: bool, way: str) -> None:
        self.cancel_many(n, "named", named, None, True, way)
        if alone:
            self.cancel(named[0], way)
        self.undo(len(self.world.cancellations) - 1, True, way)
        self._look_at_code(self.a_code(named[0]))

    # Time

    @rule(n=st.integers(0, 3), just_before=RARELY)
    def wait(self, n: int, just_before: bool) -> None:
        """Until a moment at which something changes: what follows happens exactly then."""
        moments = self.world.moments()
        if moments:
            moment = moments[n % len(moments)] - (TICK if just_before else timedelta())
            self.go_to(max(moment, self.clock.now))

    @rule(time=st.sampled_from([timedelta(seconds=1), 5 * MINUTE, 3 * HOUR, DAY, 31 * DAY]))
    def pass_time(self, time: timedelta) -> None:
        self.go_to(self.clock.now + time)

    @rule()
    def forget_what_is_old(self) -> None:
        kept_answers.forget_old(self.clock.now, 1000)
        guessing.forget_old(self.clock.now, 1000)
        endings.tell(1000)
        self.world.forget()
        self.pass_a_moment()
