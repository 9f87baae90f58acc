""" "End now" and "Delete" on a list's page: what they say first, and what they do."""

from django.test import Client

from promint.core import lists
from promint.core.models import PromoList
from promint.core.rules import ListStatus, ListType
from promint.core.storage import database_now
from tests.factories import a_batch, a_list, claim, some_codes
from tests.integration.lists.test_lists import HOUR


def page(client: Client, promo_list: PromoList, rest: str = "") -> str:
    return client.get(f"/lists/{promo_list.public_id}{rest}").content.decode()


def test_the_dialog_says_what_it_stops_and_nothing_happens_yet(manager: Client) -> None:
    promo_list = a_list(entry_cap=3)
    claim(some_codes(5, promo_list)[0])
    said = page(manager, promo_list, "/end")
    assert "<dt>Codes out</dt><dd>4<br>" in said
    assert "At most 2 claims<br><small>200 points" in said
    assert "This code has expired." in said
    assert lists.find(promo_list.public_id).status(database_now()) is ListStatus.ACTIVE


def test_a_code_that_many_share_without_a_cap_has_no_limit(manager: Client) -> None:
    said = page(manager, a_list(ListType.MULTI_USE, code="Once"), "/end")
    assert "the code <code>Once</code>" in said
    assert "No limit" in said


def test_a_list_is_ended_once_it_was_asked(manager: Client) -> None:
    promo_list = a_list(name="Autumn <b>")
    assert "End now" in page(manager, promo_list)
    answer = manager.post(f"/lists/{promo_list.public_id}/end", follow=True).content.decode()
    assert "Autumn &lt;b&gt; has ended." in answer
    assert "End now" not in answer
    assert lists.find(promo_list.public_id).status(database_now()) is ListStatus.COMPLETED


def test_what_cannot_be_ended_says_why(manager: Client) -> None:
    promo_list = a_list(starts_in=HOUR)
    assert "End now" not in page(manager, promo_list)
    assert "has not started" in page(manager, promo_list, "/end")
    answer = manager.post(f"/lists/{promo_list.public_id}/end")
    assert answer.status_code == 409
    assert "has not started" in answer.content.decode()


def test_a_list_without_codes_is_deleted_and_still_named_in_the_audit_log(
    manager: Client, admin: Client
) -> None:
    promo_list = a_list(name="Mistake")
    assert "customers are not affected" in page(manager, promo_list, "/delete")
    answer = manager.post(f"/lists/{promo_list.public_id}/delete", follow=True)
    assert "Mistake is deleted." in answer.content.decode()
    assert manager.get(f"/lists/{promo_list.public_id}").status_code == 404
    rows = admin.get("/audit").context["rows"]
    of_list = {row.entry.action: row.about.text for row in rows if row.about.text == "Mistake"}
    assert of_list.keys() == {"list.created", "list.deleted"}


def test_a_list_with_codes_offers_no_delete_and_says_why(manager: Client) -> None:
    promo_list = a_list()
    assert f"/lists/{promo_list.public_id}/delete" in page(manager, promo_list)
    a_batch(promo_list)
    assert f"/lists/{promo_list.public_id}/delete" not in page(manager, promo_list)
    assert "customers may have" in page(manager, promo_list, "/delete")
    answer = manager.post(f"/lists/{promo_list.public_id}/delete")
    assert answer.status_code == 409
    assert lists.find(promo_list.public_id) == promo_list


def test_who_may_not_manage_sees_neither(agent: Client) -> None:
    promo_list = a_list()
    said = page(agent, promo_list)
    assert "End now" not in said
    assert f"/lists/{promo_list.public_id}/delete" not in said
