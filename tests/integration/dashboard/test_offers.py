"""Offers: found, created, and counted by the lists that issue them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.core.models import AuditEntry, Offer
from promint.dashboard import offers as page
from tests.factories import a_list, an_offer, claim, some_codes


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
