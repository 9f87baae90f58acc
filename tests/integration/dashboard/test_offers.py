"""Offers: found, created, and counted by the lists that issue them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.core.lists import offers
from promint.core.models import AuditEntry, Offer
from promint.dashboard.offers import index as page
from tests.factories import ACTOR, a_list, an_offer, claim, some_codes


def names(client: Client, address: str = "/offers") -> list[str]:
    return [offer.name for offer, _ in client.get(address).context["rows"]]


def test_a_first_offer_is_created_in_a_dialog(manager: Client) -> None:
    assert "No offers yet" in manager.get("/offers").content.decode()
    assert "<dialog" in manager.get("/offers/new").content.decode()
    typed = {"name": " Free <coffee> ", "description": "Any size,\nonce."}
    answer = manager.post("/offers/new", typed, follow=True)
    said = answer.content.decode()
    assert "Free &lt;coffee&gt; is created." in said
    assert "Any size," in said
    assert Offer.objects.get().name == "Free <coffee>"
    assert AuditEntry.objects.get(action="offer.created").actor.startswith("staff:manager-")


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"name": ""}, "name"), ({"name": "a\tb"}, "name"), ({"name": "x" * 201}, "name"),
     ({"name": "ok", "description": "x" * 2001}, "description")],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    manager: Client, typed: dict[str, str], field: str
) -> None:
    answer = manager.post("/offers/new", typed)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert answer.context["form"]["name"].value() == typed["name"]
    assert not Offer.objects.exists()


def test_search_finds_by_name_and_names_what_it_did_not_find(viewer: Client) -> None:
    for name in ("Free coffee", "Free tea", "Tram ticket"):
        an_offer(name)
    assert names(viewer, "/offers?search=FREE") == ["Free coffee", "Free tea"]
    said = viewer.get("/offers?search=%3Czz%3E").content.decode()
    assert "Nothing matches “&lt;zz&gt;”" in said
    assert viewer.get("/offers?search=%00").status_code == 200


def test_each_offer_says_how_many_lists_issue_it_and_how_often_it_was_issued(
    viewer: Client,
) -> None:
    coffee, tea = an_offer("Coffee"), an_offer("Tea")
    for promo_list in (a_list(offers=[coffee.public_id]), a_list(offers=[coffee.public_id])):
        for code in some_codes(2, promo_list):
            claim(code)
    rows = dict(viewer.get("/offers").context["rows"])
    assert (rows[coffee].lists, rows[coffee].issued) == (2, 4)
    assert (rows[tea].lists, rows[tea].issued) == (0, 0)


def test_offers_come_in_pages(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PER_PAGE", 2)
    for name in "abc":
        an_offer(name)
    assert names(viewer) == ["a", "b"]
    assert names(viewer, "/offers?page=2") == ["c"]


def test_a_viewer_reads_offers_but_makes_none(viewer: Client, agent: Client) -> None:
    for client in (viewer, agent):
        assert "Create offer" not in client.get("/offers").content.decode()
        assert client.post("/offers/new", {"name": "x"}).status_code == 403
    assert not Offer.objects.exists()


def test_more_offers_cost_no_more_queries(viewer: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            viewer.get("/offers")
        return len(queries)

    an_offer("a")
    few = cost()
    for i in range(20):
        a_list(offers=[an_offer(f"b{i}").public_id])
    assert cost() == few <= 8


def test_an_offers_page_says_which_lists_issue_it_and_how_often(viewer: Client) -> None:
    offer = an_offer("Coffee", "Any size,\n<b>once</b>.")
    first, second = (a_list(name=name, offers=[offer.public_id]) for name in ("One", "Two"))
    for code in some_codes(3, first):
        claim(code)
    answer = viewer.get(f"/offers/{offer.public_id}")
    assert {row.name: row.counter.claims for row, _ in answer.context["rows"]} == {
        "One": 3,
        "Two": 0,
    }
    said = answer.content.decode()
    assert f"/lists/{second.public_id}" in said
    assert "&lt;b&gt;once&lt;/b&gt;" in said
    assert (answer.context["use"].lists, answer.context["use"].issued) == (2, 3)
    assert f"/offers/{offer.public_id}" in viewer.get("/offers").content.decode()
    assert viewer.get("/offers/off_0000000000000").status_code == 404


def test_an_offer_nobody_issues_says_so(viewer: Client) -> None:
    said = viewer.get(f"/offers/{an_offer().public_id}").content.decode()
    assert "No list issues it yet." in said


def test_an_offer_is_renamed_and_its_page_keeps_the_former_name(manager: Client) -> None:
    offer = an_offer("Coffee")
    code = some_codes(1, a_list(offers=[offer.public_id]))[0]
    claim(code, "cust-1")
    address = f"/offers/{offer.public_id}/edit"
    assert 'value="Coffee"' in manager.get(address).content.decode()
    answer = manager.post(address, {"name": "Espresso", "description": "Hot"}, follow=True)
    said = answer.content.decode()
    assert "Espresso is saved." in said
    assert "Former names" in said
    assert '<span class="any-text">Coffee</span>' in said
    profile = manager.get("/customers/cust-1", follow=True).content.decode()
    assert ">Coffee</a><br>" in profile
    assert "100 points, Coffee" in profile
    refused = manager.post(address, {"name": " "})
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"name"}


def test_an_offer_is_retired_once_it_was_asked_and_brought_back(manager: Client) -> None:
    offer = an_offer("Coffee")
    a_list(offers=[offer.public_id])
    address = f"/offers/{offer.public_id}"
    assert (
        "1 list that has it still issues it." in manager.get(f"{address}/retire").content.decode()
    )
    assert "Coffee" in manager.get("/lists/new").content.decode()
    said = manager.post(f"{address}/retire", follow=True).content.decode()
    assert "Coffee is retired." in said
    again = manager.get(f"{address}/retire").content.decode()  # where Back leads
    assert "This offer is retired already" in again
    assert "Retire offer</button>" not in again
    assert "Retired" in manager.get("/offers").content.decode()
    assert "Coffee" not in manager.get("/lists/new").content.decode()
    assert "Coffee is back." in manager.post(f"{address}/bring-back", follow=True).content.decode()
    assert "Coffee" in manager.get("/lists/new").content.decode()


def test_who_may_not_manage_changes_no_offer(agent: Client) -> None:
    offer = an_offer("Coffee")
    said = agent.get(f"/offers/{offer.public_id}").content.decode()
    for rest in ("edit", "retire", "bring-back"):
        assert f"/{offer.public_id}/{rest}" not in said
        assert agent.post(f"/offers/{offer.public_id}/{rest}", {"name": "x"}).status_code == 403
    assert Offer.objects.get().name == "Coffee"


def test_a_name_that_another_offer_has_is_pointed_out(manager: Client) -> None:
    said = "1 other offer has the same name."
    for times in range(2):
        page = manager.post("/offers/new", {"name": "Free coffee"}, follow=True).content.decode()
        assert (said in page) is bool(times)


def test_a_new_name_that_another_offer_has_is_pointed_out(manager: Client) -> None:
    an_offer("Free delivery")
    address = f"/offers/{an_offer('Bike').public_id}/edit"
    first = {"initial-name": "Bike", "initial-description": ""}
    told = manager.post(address, {"name": "free DELIVERY", "description": "", **first}, follow=True)
    assert "is saved. 1 other offer has the same name." in told.content.decode()
    first["initial-name"] = "free DELIVERY"
    other = {"name": "free DELIVERY", "description": "Once", **first}
    told = manager.post(address, other, follow=True)
    assert "the same name" not in told.content.decode()


def test_an_offer_that_is_there_is_chosen_and_not_made_again(manager: Client) -> None:
    retired, there, _ = an_offer("Free coffee"), an_offer("Free coffee"), an_offer("Free coffee")
    offers.change(retired.public_id, {"retired": True}, ACTOR)
    form = {"do": "add-offer", "new_offer": "free coffee ", "type": "single_use"}
    for sent in (form, form | {"offers": [there.public_id]}):
        answer = manager.post("/lists/new", sent)
        assert "Free coffee is chosen: it was there." in answer.content.decode()
        assert answer.context["form"]["offers"].value() == [there.public_id]
    assert Offer.objects.count() == 3
