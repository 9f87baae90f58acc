"""The archive: lists leave the table of lists by a button, and come back by one."""

from typing import Any

import pytest
from django.test import Client

from promint.core import lists
from promint.core.models import PromoList
from tests.factories import ACTOR, a_list


def archive(client: Client, promo_list: PromoList, **typed: str) -> str:
    """What the page says afterwards."""
    address = f"/lists/{promo_list.public_id}/archive"
    return client.post(address, typed, follow=True).content.decode()


def shown(client: Client, query: str = "") -> list[str]:
    return [row.list.name for row in client.get(f"/{query}").context["rows"]]


def test_a_list_goes_into_the_archive_and_comes_back(manager: Client) -> None:
    a_list(name="Kept")
    old = a_list(name="Old")
    said = archive(manager, old)
    assert "Old is archived. Its codes work as before." in said
    assert "This list is archived" in said
    assert (shown(manager), shown(manager, "?archived=1")) == (["Kept"], ["Old"])
    assert "1 archived list" in manager.get("/").content.decode()
    assert "Old is among the lists again." in archive(manager, old, back="yes")
    assert set(shown(manager)) == {"Kept", "Old"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "All lists are archived"),
        ("?search=old", "1 archived list"),
        ("?archived=1&search=other", "No list found"),
    ],
)
def test_a_table_without_a_list_says_what_the_archive_has(
    manager: Client, query: str, said: str
) -> None:
    lists.archive(a_list(name="Old").public_id, ACTOR)
    assert said in manager.get(f"/{query}").content.decode()


def test_an_empty_archive_says_what_it_is_for(manager: Client) -> None:
    a_list()
    assert "No list is archived" in manager.get("/?archived=1").content.decode()


def test_the_filter_of_the_archive_stays_while_it_is_searched(manager: Client) -> None:
    lists.archive(a_list(name="Old").public_id, ACTOR)
    answer: Any = manager.get("/?archived=1&search=old", headers={"HX-Request": "true"})
    assert answer["HX-Replace-Url"] == "/?search=old&archived=1"
