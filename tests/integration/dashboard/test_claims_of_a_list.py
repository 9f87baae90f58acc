"""The page of a list's claims: its search, and the export of all of them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from promint.core.claiming import of_list, reversal
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.models import Export, PromoList
from promint.core.rules import ListType
from promint.core.storage import database_now
from promint.dashboard.lists import claims as page
from tests.factories import ACTOR, a_list, claim, some_codes

DAY = timedelta(days=1)


@pytest.fixture
def promo_list() -> PromoList:
    return a_list(timezone="Asia/Tokyo", starts_in=-9 * DAY)


def address(promo_list: PromoList) -> str:
    return f"/lists/{promo_list.public_id}/claims"


def searched(client: Client, promo_list: PromoList, **typed: str) -> list[str]:
    """The customers that a search shows. What was typed is in no address."""
    sent = client.post(address(promo_list), typed)
    for secret in (typed.get("customer"), typed.get("code")):
        assert not secret or secret not in sent["Location"]
    answer = client.get(sent["Location"])
    for name, value in typed.items():
        assert value in answer.content.decode(), name
    return [one.claim.customer for one in answer.context["claims"]]


def test_claims_are_searched_by_customer_and_by_code(viewer: Client, promo_list: PromoList) -> None:
    codes = some_codes(3, promo_list)
    for i, code in enumerate(codes):
        claim(code, f"customer-{i}")
    assert searched(viewer, promo_list, customer=" customer-1 ".strip()) == ["customer-1"]
    assert searched(viewer, promo_list, code=codes[2]) == ["customer-2"]
    assert searched(viewer, promo_list, customer="customer-1", code=codes[2]) == []
    said = viewer.get(viewer.post(address(promo_list), {"code": "x"})["Location"])
    assert "There are no such claims." in said.content.decode()


def test_an_id_in_other_letters_is_pointed_out(viewer: Client, promo_list: PromoList) -> None:
    (code,) = some_codes(1, promo_list)
    claim(code, "WALK-1")
    said = viewer.get(viewer.post(address(promo_list), {"customer": "walk-1"})["Location"])
    assert "Nobody is known as “walk-1”." in said.content.decode()
    _, leads_to = said.context["like_it"]
    assert "WALK-1" in viewer.get(leads_to).content.decode()
    assert "WALK-1" not in leads_to


def test_a_day_is_one_of_the_lists_zone(viewer: Client, promo_list: PromoList) -> None:
    before, after = some_codes(2, promo_list)
    today = database_now().astimezone(UTC).date()
    midnight = datetime(today.year, today.month, today.day, 15, tzinfo=UTC) - 3 * DAY  # in Tokyo
    for code, at in ((before, midnight - DAY / 86400), (after, midnight)):
        claim_many([Attempt(code, f"at-{at:%H}", "key_1")], clock=lambda at=at: at)
    day = str(midnight.date() + DAY)
    assert searched(viewer, promo_list, since=day, until=day) == ["at-15"]
    assert searched(viewer, promo_list, until=str(midnight.date())) == ["at-14"]
    assert "Times in Asia/Tokyo" in viewer.get(address(promo_list)).content.decode()


def test_a_further_page_keeps_the_search(
    viewer: Client, promo_list: PromoList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PER_PAGE", 2)
    for code in some_codes(5, promo_list):
        claim(code, "regular")
    answer = viewer.get(viewer.post(address(promo_list), {"customer": "regular"})["Location"])
    assert len(answer.context["claims"]) == 2
    older = f"{address(promo_list)}?{urlsplit(answer.request['QUERY_STRING']).path}"
    further = viewer.get(f"{older}&before={answer.context['next']}")
    seen = {one.claim.id for one in (*answer.context["claims"], *further.context["claims"])}
    assert len(seen) == 4
    assert further.context["filters"].customer == "regular"


def test_a_claim_that_was_taken_back_says_when(viewer: Client, promo_list: PromoList) -> None:
    made = claim(*some_codes(1, promo_list)).claim
    assert made is not None
    assert "Taken back" not in viewer.get(address(promo_list)).content.decode()
    reversal.reverse(made.id, "returned", ACTOR, available_again=False)
    assert "Taken back" in viewer.get(address(promo_list)).content.decode()


def test_what_somebody_else_wrote_into_the_address_is_no_search(
    viewer: Client, promo_list: PromoList
) -> None:
    claim(*some_codes(1, promo_list))
    for query in ("customer=cust-9", "code=%00", "since=yesterday&until=2026-99-99"):
        answer = viewer.get(f"{address(promo_list)}?{query}")
        assert len(answer.context["claims"]) == 1


def test_a_list_without_claims_says_when_they_come(viewer: Client) -> None:
    said = viewer.get(address(a_list(ListType.MULTI_USE, code="Once"))).content.decode()
    assert "No claims yet" in said
    assert 'name="code"' not in said


def test_all_claims_are_exported_from_their_page(
    manager: Client, viewer: Client, promo_list: PromoList
) -> None:
    assert "Export all claims" not in manager.get(address(promo_list)).content.decode()
    claim(*some_codes(1, promo_list))
    assert "Export all claims" in manager.get(address(promo_list)).content.decode()
    assert "Export all claims" not in viewer.get(address(promo_list)).content.decode()
    asked = {"what": "claims", "format": "csv"}
    answer = manager.post(f"/lists/{promo_list.public_id}/export", asked, follow=True)
    said = answer.content.decode()
    assert "Export all claims</h2><p>1 claim as .csv" in said
    assert Export.objects.get().what == "claims"


def test_recent_claims_of_the_lists_page_are_the_newest(viewer: Client) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Many")
    for i in range(12):
        claim("Many", f"cust-{i:02}")
    shown = viewer.get(f"/lists/{promo_list.public_id}").context["claims"]
    newest = of_list.page(of_list.Wanted(promo_list), None, 8).claims
    assert [one.claim.id for one in shown] == [one.claim.id for one in newest]
    assert shown[0].claim.customer == "cust-11"
