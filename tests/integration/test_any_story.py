"""Random sequences of actions: each attempt gets the verdict that a simple model predicts, and
in the end every invariant holds."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from promint.core import codes, customers, lists
from promint.core.claiming import guessing
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.codes import batches, generation
from promint.core.models import Batch, PromoList
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListType, Verdict
from promint.core.storage.clock import database_now
from tests.conftest import empty_tables
from tests.factories import ACTOR, a_batch, a_list, shown_codes
from tests.soundness import assert_every_invariant_holds

CUSTOMERS = st.sampled_from(["ann", "bob", "cy", "a/b"])
CAPS = st.sampled_from([None, 1, 2, 3])
MOSTLY = st.sampled_from([True, True, True, False])
RARELY = st.sampled_from([False, False, False, True])
UNKNOWN = "BCDF-BCDF"
HOUR = timedelta(hours=1)


@dataclass
class ListModel:
    public_id: str
    shared: bool
    started: bool
    cap: int | None
    ended: bool = False
    claims: int = 0


@dataclass
class CodeModel:
    typed: str
    of: ListModel
    batch_active: bool = True
    cancelled: bool = False
    customers: list[str] = field(default_factory=list)


class AnyStory(RuleBasedStateMachine):
    all_codes = Bundle("all_codes")

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        self.guesses: dict[str, int] = {}
        self.points: dict[str, int] = {}
        self.made = 0

    @initialize(target=all_codes)
    def begin(self) -> object:
        """Make a list, so that there is always something to try."""
        return self._codes(self._list(ListType.SINGLE_USE, True, None), True)

    @rule(target=all_codes, started=MOSTLY, cap=CAPS, active=MOSTLY)
    def create_list_with_codes(self, started: bool, cap: int | None, active: bool) -> object:
        return self._codes(self._list(ListType.SINGLE_USE, started, cap), active)

    @rule(target=all_codes, started=MOSTLY, cap=CAPS)
    def create_shared_code(self, started: bool, cap: int | None) -> CodeModel:
        of = self._list(ListType.MULTI_USE, started, cap)
        return CodeModel(f"Shared {self.made}", of)

    def _list(self, type: ListType, started: bool, cap: int | None) -> ListModel:
        self.made += 1
        shared = type is ListType.MULTI_USE
        created = a_list(
            type,
            starts_in=-HOUR if started else HOUR,
            ends_in=2 * HOUR,
            entry_cap=cap,
            points=10,
            tags=["tag"],
            code=f"Shared {self.made}" if shared else None,
        )
        return ListModel(created.public_id, shared, started, cap)

    @rule(target=all_codes, code=all_codes, active=MOSTLY)
    def make_more_codes(self, code: CodeModel, active: bool) -> object:
        closed = code.of.shared or code.of.ended or self._full(code.of)
        return multiple() if closed else self._codes(code.of, active)

    def _codes(self, of: ListModel, active: bool) -> object:
        promo_list = lists.find(of.public_id)
        typed = shown_codes(a_batch(promo_list, 3)) if active else self._pending_codes(promo_list)
        return multiple(*(CodeModel(code, of, batch_active=active) for code in typed))

    def _pending_codes(self, promo_list: PromoList) -> list[str]:
        batch = batches.request(promo_list.public_id, 100, "", [], ACTOR)
        self.made += 1
        value = f"PEND{self.made:04}"
        generation.store(batch, [value])
        held = database_now() + timedelta(days=1)  # held by a worker that never continues
        Batch.objects.filter(id=batch.id).update(leased_until=held)
        return [value]

    @staticmethod
    def _full(of: ListModel) -> bool:
        return of.cap is not None and of.claims >= of.cap

    @rule(tries=st.lists(st.tuples(all_codes, CUSTOMERS, RARELY), min_size=1, max_size=6))
    def attempt(self, tries: list[tuple[CodeModel, str, bool]]) -> None:
        """Make several attempts together, some of which only validate."""
        self._attempt(tries)

    @rule(code=all_codes, who=CUSTOMERS)
    def attempt_alone(self, code: CodeModel, who: str) -> None:
        self._attempt([(code, who, False)])

    @rule(code=all_codes, who=CUSTOMERS)
    def attempt_after_the_end_moved(self, code: CodeModel, who: str) -> None:
        self._move_end(code, not code.of.ended)
        self._attempt([(code, who, False)])

    @rule(who=CUSTOMERS, times=st.integers(1, 4), validate_only=st.booleans())
    def guess(self, who: str, times: int, validate_only: bool) -> None:
        unknown = CodeModel(UNKNOWN, ListModel("", False, True, None))
        self._attempt([(unknown, who, validate_only)] * times)

    def _attempt(self, tries: list[tuple[CodeModel, str, bool]]) -> None:
        foretold = [self._foretell(*one) for one in tries]
        attempts = [Attempt(code.typed, who, "key_1", only) for code, who, only in tries]
        verdicts = [reply.result and reply.result.verdict for reply in claim_many(attempts)]
        assert verdicts == foretold

    def _foretell(self, code: CodeModel, who: str, validate_only: bool) -> Verdict:
        verdict = self._verdict(code, who)
        if verdict is Verdict.CODE_NOT_FOUND:
            self.guesses[who] = self.guesses.get(who, 0) + 1
        if verdict is Verdict.CLAIMED and not validate_only:
            code.customers.append(who)
            code.of.claims += 1
            self.points[who] = self.points.get(who, 0) + 10
        return verdict

    def _verdict(self, code: CodeModel, who: str) -> Verdict:
        refusals = [
            (self.guesses.get(who, 0) >= 10, Verdict.TOO_MANY_ATTEMPTS),
            (code.typed == UNKNOWN, Verdict.CODE_NOT_FOUND),
            (code.cancelled, Verdict.CODE_CANCELLED),
            (who in code.customers, Verdict.ALREADY_CLAIMED_BY_CUSTOMER),
            (bool(code.customers) and not code.of.shared, Verdict.CODE_ALREADY_CLAIMED),
            (not code.of.started or not code.batch_active, Verdict.CODE_NOT_ACTIVE),
            (code.of.ended, Verdict.CODE_EXPIRED),
            (self._full(code.of), Verdict.CAP_REACHED),
        ]
        return next((verdict for applies, verdict in refusals if applies), Verdict.CLAIMED)

    @rule(code=all_codes)
    def cancel(self, code: CodeModel) -> None:
        try:
            codes.cancel(code.typed, "lost", ACTOR)
        except Refused:
            assert code.of.shared or code.customers
        else:
            assert not code.customers
            code.cancelled = True

    @rule(code=all_codes, cap=CAPS)
    def change_cap(self, code: CodeModel, cap: int | None) -> None:
        try:
            lists.edit(code.of.public_id, {"entry_cap": cap}, ACTOR)
        except Refused:
            assert cap is not None
            assert cap < code.of.claims
        else:
            assert cap is None or cap >= code.of.claims
            code.of.cap = cap

    def _move_end(self, code: CodeModel, ended: bool) -> None:
        if code.of.started:  # the end must be after the start
            ends_at = database_now() + (timedelta() if ended else HOUR)
            lists.edit(code.of.public_id, {"ends_at": ends_at}, ACTOR)
            code.of.ended = ended

    @rule(who=CUSTOMERS)
    def lift_lockout(self, who: str) -> None:
        assert guessing.lift(who, ACTOR) is (self.guesses.pop(who, 0) >= 10)

    def teardown(self) -> None:
        for who, points in self.points.items():
            assert customers.profile(who).points == points
        assert_every_invariant_holds()


def test_every_attempt_of_any_story_gets_the_verdict_that_is_foretold() -> None:
    run_state_machine_as_test(
        AnyStory,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
