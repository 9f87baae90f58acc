"""Rules about lists, offers, batches and uploads, and the workers."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from promint.core import lists
from promint.core.codes import batches, generation
from promint.core.events import endpoints
from promint.core.lists import offers
from promint.core.reading import Row
from promint.core.rules import HandoutRules, NewList, codewords
from promint.core.rules.rules import ListType
from promint.core.rules.webhooks import Event
from promint.core.storage import durable, jobs
from promint.core.uploads import loading
from promint.worker.cancellations import Cancellations
from tests.factories import ACTOR
from tests.integration.stories import model
from tests.integration.stories.calling import killed
from tests.integration.stories.model import DAY, HOUR, MINUTE
from tests.integration.stories.setting import ANY, CAPS, LEASE_IS_OVER, RARELY, WAY, Setting


class StoriesOfLists(Setting):
    # Lists and offers

    @initialize()
    def begin(self) -> None:
        endpoints.create("https://example.com/hook", [event.value for event in Event], ACTOR)
        self.create_offer()
        self.create_list("single_use", timedelta(), 30 * DAY, None, [0], None, "plain")
        self.request_codes(0, 3, "plain")
        self.work(None)

    def create_offer(self) -> None:
        self.made += 1
        name = f"Offer {self.made}"
        offer = offers.create(name, "", ACTOR)
        self.world.offers.append(model.Offer(offer.public_id, name))

    @rule(n=ANY, rename=st.booleans(), way=WAY)
    def change_offer(self, n: int, rename: bool, way: str) -> None:
        if n % 3 == 0:
            self.create_offer()
        offer = self.world.offers[n % len(self.world.offers)]
        self.made += 1
        changes: dict[str, Any] = (
            {"name": f"Offer {self.made}"} if rename else {"retired": not offer.retired}
        )
        self.say(lambda: offers.change(offer.id, changes, ACTOR).public_id, way, None)
        offer.name = changes.get("name", offer.name)
        offer.retired = changes.get("retired", offer.retired)
        self.pass_a_moment()

    @rule(
        type=st.sampled_from(["single_use", "multi_use", "third_party"]),
        starts_in=st.sampled_from([timedelta(), -HOUR, 20 * MINUTE]),
        lasts=st.sampled_from([40 * MINUTE, 2 * DAY, 10 * DAY]),
        cap=CAPS,
        chosen=st.lists(ANY, max_size=2),
        handout=st.none()
        | st.tuples(st.booleans(), st.integers(1, 2), st.sampled_from([None, 1]), st.just(1)),
        way=WAY,
    )
    def create_list(
        self,
        type: str,
        starts_in: timedelta,
        lasts: timedelta,
        cap: int | None,
        chosen: list[int],
        handout: tuple[bool, int, int | None, int | None] | None,
        way: str,
    ) -> None:
        self.made += 1
        shared = type == "multi_use"
        rules = (False, 1, None, None) if handout is None or shared else handout
        own = [self.world.offers[n % len(self.world.offers)] for n in chosen]
        starts_at = self.clock.now + starts_in
        new = model.PromoList(
            "", type, starts_at, starts_at + lasts, cap, 10, list(dict.fromkeys(own)),
            ["all", f"tag {self.made % 3}"], *rules,
        )  # fmt: skip
        code = f"Shared {self.made}" if shared else None
        asked = NewList(
            name=f"List {self.made}",
            type=ListType(type),
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            entry_cap=cap,
            points=new.points,
            offers=[offer.id for offer in new.offers],
            tags=new.tags,
            code=code,
            handout=None if shared else HandoutRules(*rules),
        )
        refusal = self.world.why_not_created(new.offers)
        new_id = self.say(lambda: lists.create(asked, ACTOR).public_id, way, refusal)
        if refusal is None:
            new.id = new_id
            self.world.lists.append(new)
            self.world.events["list.created"] += 1
            if code is not None:
                self.world.codes.append(model.Code(code, new))
        self.pass_a_moment()

    @rule(n=ANY, cap=CAPS, way=WAY)
    def change_cap(self, n: int, cap: int | None, way: str) -> None:
        self._edit(self.a_list(n), {"entry_cap": cap}, way)

    @rule(
        n=ANY,
        to=st.sampled_from([timedelta(), 10 * MINUTE, 2 * DAY, -2 * HOUR]),
        way=WAY,
    )
    def change_end(self, n: int, to: timedelta, way: str) -> None:
        self._edit(self.a_list(n), {"ends_at": self.clock.now + to}, way)

    def _edit(self, of: model.PromoList, changes: dict[str, Any], way: str) -> None:
        refusal = self.world.edit(of, changes)
        self.say(lambda: lists.edit(of.id, changes, ACTOR).public_id, way, refusal)
        self.pass_a_moment()

    @rule(n=ANY, way=WAY)
    def end_now(self, n: int, way: str) -> None:
        of = self.a_list(n)
        self.say(lambda: lists.end_now(of.id, ACTOR).public_id, way, self.world.end_now(of))
        self.pass_a_moment()

    @rule(n=ANY, way=WAY)
    def archive_or_bring_back(self, n: int, way: str) -> None:
        of = self.a_list(n)
        verb = lists.unarchive if of.archived else lists.archive
        self.say(lambda: verb(of.id, ACTOR).public_id, way, None)
        of.archived = not of.archived
        self.pass_a_moment()

    @precondition(lambda self: len(self.world.lists) > 1)
    @rule(n=ANY, way=WAY)
    def remove_list(self, n: int, way: str) -> None:
        of = self.a_list(n)
        self.say(lambda: lists.remove(of.id, ACTOR), way, self.world.remove(of))
        self.pass_a_moment()

    # Batches

    @rule(n=ANY, quantity=st.integers(1, 4), way=WAY)
    def request_codes(self, n: int, quantity: int, way: str) -> None:
        of = self.a_list(n)
        refusal = self.world.why_no_batch(of, "single_use")
        batch_id = self.say(
            lambda: batches.request(of.id, quantity, "", [], ACTOR).public_id, way, refusal
        )
        if refusal is None:
            self.world.batches.append(model.Batch(batch_id, of, quantity))
        self.pass_a_moment()

    @rule(n=ANY)
    def store_a_part(self, n: int) -> None:
        """A worker stores a code of a batch and is never heard of again."""
        waiting = self._batches("pending")
        if not waiting:
            return
        batch = waiting[n % len(waiting)]
        stored = sum(code.batch is batch for code in self.world.codes)
        job = jobs.take(batches.waiting("generated").filter(id=batches.find(batch.id).id))
        if job is None or stored + 1 >= batch.quantity:
            return
        generation.store(job, codewords.random_codes(1, 12))
        self.new_codes(batch)
        self.pass_a_moment()

    @rule(n=ANY)
    def fail_or_retry(self, n: int) -> None:
        open_ = self._batches("pending", "failed")
        if not open_:
            return
        batch = open_[n % len(open_)]
        if batch.status == "failed":
            batches.retry(batch.id, ACTOR)
            batch.status = "pending"
        else:
            batches.fail(batches.find(batch.id), "The disk is full.")
            batch.status = "failed"
        self.pass_a_moment()

    def _batches(self, *states: str) -> list[model.Batch]:
        return [one for one in self.world.batches if one.status in states]

    @rule(place=st.sampled_from([
        None, None, "generation.in_chunk", "generation.after_chunk", "generation.before_last",
        "cancelling.in_step", "cancellations.after_step", "undoing.in_step",
    ]))  # fmt: skip
    def work(self, place: str | None) -> None:
        """Workers do everything that waits; the first may be killed."""
        if place is not None:
            killed(self._work, place)
        self.go_to(self.clock.now + LEASE_IS_OVER)
        self._work()
        for batch in self._batches("pending"):
            self.world.activate(batch)
            self.new_codes(batch)
        self.world.work_on_cancellations()
        self.pass_a_moment()

    def _work(self) -> None:
        cancelling = Cancellations()
        while self.generator.turn() or cancelling.turn():
            pass

    @rule(n=ANY, texts=st.lists(st.integers(0, 12), min_size=1, max_size=4), malformed=RARELY)
    def upload(self, n: int, texts: list[int], malformed: bool) -> None:
        """Codes of others. Some are in the file twice, exist already or are none."""
        of = self.a_list(n)
        foretold = self.world.why_no_batch(of, "third_party")
        batch_id = self.say(
            lambda: _uploaded(of.id, len(texts) + malformed).public_id, "plain", foretold
        )
        if foretold is not None:
            return
        batch = batches.find(batch_id)
        rows = [Row(0, i, f"other {n:03}", f"OTHER{n:03}", "") for i, n in enumerate(texts, 1)]
        if malformed:
            rows.append(Row(0, len(rows) + 1, "a, b", "", "malformed"))
        known = {code.shown for code in self.world.codes}
        fresh = list(dict.fromkeys(row.typed for row in rows if row.value))
        fresh = [typed for typed in fresh if typed not in known]
        rows.sort(key=lambda row: (row.value, row.number))
        done = loading.store(batch, rows)
        made = model.Batch(batch.public_id, of, len(rows))
        self.world.batches.append(made)
        assert done.created == len(fresh)
        assert done.status == ("active" if fresh else "failed")
        if fresh:
            self.world.activate(made)
        else:
            made.status = "lost"  # without its rows, it cannot be tried again
        self.world.codes += [model.Code(typed, of, made) for typed in fresh]
        self.pass_a_moment()


@durable
def _uploaded(list_id: str, rows: int) -> Any:
    """A batch whose file was read already."""
    promo_list = batches.open_for_batches(list_id, ListType.THIRD_PARTY)
    return batches.add(promo_list, ACTOR, quantity=rows, name="", notify=[])
