"""One file handed out by several workers at the same moment, beside people who ask one by one."""

from functools import partial

from promint.core import bulk_handouts
from promint.core.bulk_handouts import giving
from promint.core.codes import handouts
from promint.core.models import BulkHandout, Handout, PromoList
from promint.core.rules import HandoutRules
from tests.at_once import all_at_once
from tests.bulk import hand_out_all, handed_out
from tests.factories import ACTOR, a_batch, a_list
from tests.soundness import assert_every_invariant_holds

RECIPIENTS = [f"cust-{n:03}" for n in range(120)]


def a_file(promo_list: PromoList) -> BulkHandout:
    content = "\n".join(RECIPIENTS).encode()
    return bulk_handouts.request(promo_list.public_id, "r.txt", [content], ACTOR)


def test_workers_that_are_at_the_same_file_give_each_recipient_one_code_by_it() -> None:
    """As if three of them had been taken for dead, where a person may have several codes."""
    promo_list = a_list(handout=HandoutRules(per_recipient=9))
    a_batch(promo_list, 1_000)
    bulk = a_file(promo_list)
    served = all_at_once([partial(giving.serve, bulk, RECIPIENTS)] * 4)
    assert served[1:] == served[:-1]
    found = handed_out(hand_out_all(bulk))
    assert [recipient for recipient, _ in found] == RECIPIENTS
    assert Handout.objects.count() == len(RECIPIENTS)
    assert_every_invariant_holds()


def test_who_asks_beside_the_file_has_the_same_code() -> None:
    promo_list = a_list()
    a_batch(promo_list, 1_000)
    bulk = a_file(promo_list)

    def ask(start: int) -> dict[str, str]:
        return {
            one: handouts.hand_out(promo_list.public_id, one, ACTOR)[0].shown
            for one in RECIPIENTS[start::4]
        }

    deeds = [partial(ask, start) for start in range(4)]
    told = all_at_once([*deeds, lambda: dict(handed_out(hand_out_all(bulk)))])
    by_file = told.pop()
    assert Handout.objects.count() == len(RECIPIENTS)
    assert {who: code for some in told for who, code in some.items()} == by_file  # type: ignore[union-attr]
    assert_every_invariant_holds()
