"""Offers that are renamed while codes are claimed in several processes."""

from promint.core import claiming
from promint.core.lists import offers
from promint.core.models import FormerOfferName
from tests.concurrency.rush import Action, rush
from tests.factories import a_list, an_offer, claim, some_codes


def test_every_claim_keeps_the_name_that_its_answer_had() -> None:
    offer = an_offer("Coffee 0")
    first, *codes = some_codes(61, a_list(offers=[offer.public_id]))
    claim(first)
    claims: list[Action] = [
        {"do": "claim_offer", "code": code, "customer": f"cust-{n}"} for n, code in enumerate(codes)
    ]
    renames: list[Action] = [
        {"do": "rename", "offer": offer.public_id, "name": f"Coffee {n}"} for n in range(1, 5)
    ]
    actions = [one for n in range(4) for one in (*claims[n * 15 : n * 15 + 15], renames[n])]
    outcomes = rush(actions, threads=4)
    answered = [one.split(" ", 1) for one in outcomes if one.startswith("clm_")]
    assert len(answered) == 60
    for claim_id, name in answered:
        assert claiming.find_claim(claim_id).outcomes.offers[0][1] == name
    assert FormerOfferName.objects.count() == 4
    assert offers.find(offer.public_id).name.startswith("Coffee ")
