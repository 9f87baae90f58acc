"""Offers that are renamed, described, retired and brought back."""

from datetime import timedelta

import pytest

from promint.core import claiming, customers
from promint.core.claiming import as_json, reversal
from promint.core.lists import facts_of, lists, offers
from promint.core.models import AuditEntry, FormerOfferName, Offer, PromoList
from promint.core.rules import Refusal
from tests.factories import ACTOR, a_list, an_offer, claim, some_codes
from tests.integration.lists.test_lists import refusal_of
from tests.soundness import assert_every_invariant_holds


def claimed(code: str, customer: str = "cust-1") -> str:
    made = claim(code, customer).claim
    assert made is not None
    return made.id


def name_in(claim_id: str) -> str:
    told = as_json.claim_of(claiming.find_claim(claim_id))
    (offer,) = told["outcomes"]["offers"]
    return str(offer["name"])


def names_of(customer: str) -> list[str]:
    return [issued.name for issued in customers.profile(customer).offers]


def test_what_was_issued_keeps_the_name_it_had_then() -> None:
    offer = an_offer("Coffee")
    promo_list = a_list(offers=[offer.public_id])
    first, second, third = some_codes(3, promo_list)
    made = [claimed(first)]
    offers.change(offer.public_id, {"name": " Espresso "}, ACTOR)
    made.append(claimed(second))
    offers.change(offer.public_id, {"name": "Coffee"}, ACTOR)
    offers.change(offer.public_id, {"name": "Lungo"}, ACTOR)
    made.append(claimed(third))
    assert [name_in(one) for one in made] == ["Coffee", "Espresso", "Lungo"]
    assert names_of("cust-1") == ["Coffee", "Espresso", "Lungo"]
    assert facts_of([promo_list.id])[promo_list.id].outcomes.offers == ((offer.id, "Lungo"),)
    entry = AuditEntry.objects.filter(action="offer.changed").earliest("created_at")
    assert (entry.before, entry.after) == ({"name": "Coffee"}, {"name": "Espresso"})
    assert_every_invariant_holds()


def test_what_is_taken_back_has_the_name_it_was_issued_under() -> None:
    offer = an_offer("Coffee")
    claim_id = claimed(*some_codes(1, a_list(offers=[offer.public_id])))
    offers.change(offer.public_id, {"name": "Tea"}, ACTOR)
    done = reversal.reverse(claim_id, "returned", ACTOR, available_again=True)
    assert done.taken_back.offers == ((offer.id, "Coffee"),)
    assert names_of("cust-1") == []


def test_a_list_made_after_the_rename_and_other_offers_are_not_mixed_up() -> None:
    coffee, tea = an_offer("Coffee"), an_offer("Tea")
    offers.change(coffee.public_id, {"name": "Espresso"}, ACTOR)
    both = a_list(offers=[tea.public_id, coffee.public_id])
    claim_id = claimed(*some_codes(1, both))
    told = claiming.find_claim(claim_id).outcomes.offers
    assert [name for _, name in told] == ["Tea", "Espresso"]


def test_an_offer_that_an_earlier_release_made_is_issued_and_renamed() -> None:
    offer = Offer.objects.create(name="Old", description="")  # with the columns of that release
    claim_id = claimed(*some_codes(1, a_list(offers=[offer.public_id])))
    assert name_in(claim_id) == "Old"
    offers.change(offer.public_id, {"name": "New"}, ACTOR)
    assert name_in(claim_id) == "Old"


def test_a_change_that_changes_nothing_leaves_no_trace() -> None:
    offer = an_offer("Coffee", "Hot")
    offers.change(offer.public_id, {"name": "Coffee ", "description": "Hot"}, ACTOR)
    assert not FormerOfferName.objects.exists()
    assert not AuditEntry.objects.filter(action="offer.changed").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\tb"}, "name"),
        ({"description": "x" * 2001}, "description"),
    ],
)
def test_a_bad_value_is_refused_with_its_field(changes: dict[str, str], field: str) -> None:
    offer = an_offer("Coffee")
    refused = refusal_of(offers.change, offer.public_id, changes, ACTOR)
    assert set(refused.fields) == {field}
    assert offers.find(offer.public_id).name == "Coffee"


def test_a_retired_offer_is_issued_by_its_lists_and_by_no_new_one() -> None:
    offer = an_offer("Coffee")
    promo_list = a_list(offers=[offer.public_id])
    offers.change(offer.public_id, {"retired": True}, ACTOR)
    assert name_in(claimed(*some_codes(1, promo_list))) == "Coffee"
    refused = refusal_of(lambda: a_list(offers=[offer.public_id]))
    assert refused.refusal is Refusal.INVALID_REQUEST
    assert "Coffee" in refused.fields["outcomes.offers"]
    assert "is retired" in refused.fields["outcomes.offers"]
    assert PromoList.objects.count() == 1
    assert not offers.offered().exists()
    offers.change(offer.public_id, {"retired": False}, ACTOR)
    assert a_list(offers=[offer.public_id]).offers.get() == offer


def test_retiring_twice_keeps_the_first_time() -> None:
    offer = an_offer()
    first = offers.change(offer.public_id, {"retired": True}, ACTOR).retired_at
    assert offers.change(offer.public_id, {"retired": True}, ACTOR).retired_at == first
    assert AuditEntry.objects.filter(action="offer.changed").count() == 1


def test_an_edit_of_a_list_and_a_rename_do_not_undo_each_other() -> None:
    offer = an_offer("Coffee")
    promo_list = a_list(offers=[offer.public_id])
    offers.change(offer.public_id, {"name": "Tea"}, ACTOR)
    later = promo_list.ends_at + timedelta(days=1)
    lists.edit(promo_list.public_id, {"ends_at": later}, ACTOR)
    assert PromoList.objects.get().offer_renames == 1
