"""Rules about claims, their reversal, and guessing."""

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from promint.api.door.door import write_answer
from promint.core.claiming import Attempt, Reply, claim_many, guessing
from promint.core.claiming import reversal as reversals
from tests.factories import ACTOR
from tests.integration.stories import model
from tests.integration.stories.calling import killed
from tests.integration.stories.of_lists import StoriesOfLists
from tests.integration.stories.setting import ANY, CALLERS, HOW, KEYS, PEOPLE, RARELY, WAY

UNKNOWN = ["BCDF-BCDF", "no such code", "?!", "ＢＣＤＦ１２３"]

# How a code may be typed: as it reads, in other letters, with other dashes, with none.
TYPED = [
    lambda shown: shown,
    str.lower,
    lambda shown: f" {shown} ".replace("-", "–"),  # noqa: RUF100
    lambda shown: shown.replace("-", "").replace(" ", ""),
    lambda shown: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in shown),
]

ATTEMPTS = st.tuples(ANY, PEOPLE, RARELY, KEYS, CALLERS, st.integers(0, len(TYPED) - 1))


class StoriesOfClaims(StoriesOfLists):
    # Claims

    @rule(
        tries=st.lists(ATTEMPTS, min_size=1, max_size=6),
        crash=st.sampled_from([None, None, None, "claims.before_commit", "after"]),
    )
    def attempt(self, tries: list[tuple[int, str, bool, str | None, str, int]], crash: str) -> None:
        self._attempt([self._an_attempt(*one) for one in tries], crash)

    @rule(code=ANY, who=PEOPLE, way=st.integers(0, len(TYPED) - 1))
    def attempt_alone(self, code: int, who: str, way: int) -> None:
        self._attempt([self._an_attempt(code, who, False, None, "key_1", way)], None)

    @rule(who=PEOPLE, times=st.integers(1, 5), only_validate=st.booleans(), n=ANY)
    def guess(self, who: str, times: int, only_validate: bool, n: int) -> None:
        one = model.Attempt(UNKNOWN[n % len(UNKNOWN)], None, who, only_validate)
        self._attempt([one] * times, None)

    def _an_attempt(
        self, n: int, who: str, only_validate: bool, key: str | None, caller: str, way: int
    ) -> model.Attempt:
        code = self.a_code(n)
        return model.Attempt(TYPED[way](code.shown), code, who, only_validate, key, caller)

    def _attempt(self, tries: list[model.Attempt], crash: str | None) -> None:
        """Without keys, a killed process leaves it open for the model what happened. So these
        attempts get keys."""
        if crash is not None:
            self.made += 1
            tries = [
                model.Attempt(t.typed, t.code, t.who, t.only_validate, f"c{self.made}.{i}")
                for i, t in enumerate(tries)
            ]
            killed(lambda: _claim(tries), crash if crash != "after" else None)
            if crash == "after":
                self.world.attempt(tries)
        foretold = self.world.attempt(tries)
        for reply, answer in zip(_claim(tries), foretold, strict=True):
            self._compare(reply, answer)
        self.pass_a_moment()

    def _compare(self, reply: Reply, foretold: model.Answer) -> None:
        assert reply.answer is not None
        body = msgspec.json.decode(reply.answer.body)
        assert (reply.answer.status, body.get("error")) == (foretold.status, foretold.error)
        assert reply.replayed is foretold.replayed
        if foretold.status == 200:
            assert body["claimable"] is (foretold.error is None)
        if foretold.status == 429:
            assert reply.result is not None
            assert reply.result.locked_until == self.clock.now + foretold.retry_after
        claim = foretold.claim
        if foretold.status == 409:
            assert body.get("claim_id") == (claim and claim.id)
        if foretold.status == 201:
            assert claim is not None
            claim.id = claim.id or body["id"]
            of = claim.code.of
            assert body == {
                "id": claim.id,
                "code": claim.code.shown,
                "customer": claim.customer,
                "list": of.id,
                "claimed_at": claim.at.isoformat().replace("+00:00", "Z"),
                "reversed_at": None,
                "outcomes": {
                    "points": of.points,
                    "offers": [
                        {"id": offer.id, "name": name}
                        for offer, name in zip(of.offers, claim.offers, strict=True)
                    ],
                    "tags": of.tags,
                },
            }

    @precondition(lambda self: self.world.claims)
    @rule(n=ANY, how=HOW, way=WAY)
    def reverse(self, n: int, how: str, way: str) -> None:
        claim = self.world.claims[-1 - n % len(self.world.claims)]
        again = how == "available_again"
        self.say(
            lambda: bool(reversals.reverse(claim.id, "", ACTOR, available_again=again)),
            way,
            self.world.reverse(claim, how),
        )
        self.pass_a_moment()

    @rule(who=PEOPLE, way=WAY)
    def lift_lockout(self, who: str, way: str) -> None:
        was = self.world.lift(who)
        assert self.say(lambda: guessing.lift(who, ACTOR), way, None) is was
        self.pass_a_moment()


def _claim(tries: list[model.Attempt]) -> list[Reply]:
    return claim_many(
        [Attempt(one.typed, one.who, one.caller, one.only_validate, one.key) for one in tries],
        write_answer,
    )
