"""Printing from a list's page: what is chosen, what is said, and that the file arrives."""

from typing import Any

import pytest
from django.test import Client

from promint.core import codes, exports
from promint.core.codes import handouts
from promint.core.models import Export, PromoList
from promint.core.rules import ListType
from promint.core.storage import database_now
from tests.bulk import make
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes

TYPED = {"what": "list", "layout": "labels_24", "paper": "Letter", "heading": "Hello"}


def sent(client: Client, promo_list: PromoList, **typed: Any) -> Any:
    return client.post(f"/lists/{promo_list.public_id}/print", TYPED | typed)


def requested(client: Client, promo_list: PromoList, **typed: Any) -> Export:
    answer = sent(client, promo_list, **typed)
    assert answer.status_code == 302, answer.context["form"].errors
    return exports.find(answer["Location"].removeprefix("/exports/"))


def test_sheets_are_chosen_made_and_downloaded(manager: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 3)
    assert (
        f"/lists/{promo_list.public_id}/print"
        in manager.get(f"/lists/{promo_list.public_id}").content.decode()
    )
    export = requested(manager, promo_list)
    page = f"/exports/{export.public_id}"
    assert "Print all codes" in manager.get(page).content.decode()
    make(export)
    assert "Download .pdf" in manager.get(page).content.decode()
    file = manager.get(f"{page}/file")
    assert file["Content-Type"] == "application/pdf"
    assert b"".join(file).startswith(b"%PDF-")  # type: ignore[arg-type]


def test_a_batch_or_chosen_codes_are_printed(manager: Client) -> None:
    promo_list = a_list()
    batch = a_batch(promo_list, 3)
    one, two, _ = shown_codes(batch)
    assert requested(manager, promo_list, what=batch.public_id).batch == batch
    chosen = requested(manager, promo_list, what="codes", codes=f"{one}\r\n\r\n {two}\r\n")
    assert chosen.quantity == 2


def test_chosen_codes_are_never_passed_over(manager: Client) -> None:
    promo_list, other = a_list(), a_list(name="Other")
    made, others = shown_codes(a_batch(promo_list, 2)), shown_codes(a_batch(other, 1))
    unclear = sent(manager, promo_list, what="list", codes=made[0]).content.decode()
    assert "choose “Chosen codes” above to print these" in unclear
    elsewhere = sent(manager, promo_list, what="codes", codes=others[0]).content.decode()
    assert "These codes belong to “Other”. Print them there." in elsewhere
    typed = "\n".join(["NOPE-1", "NADA-2", made[0], others[0]])
    all_of_it = sent(manager, promo_list, what="codes", codes=typed).content.decode()
    assert "These are no codes: “NOPE-1”, “NADA-2”." in all_of_it
    assert "Some of these codes belong to “Other”. Print them there." in all_of_it
    assert not Export.objects.exists()


def test_chosen_codes_that_are_gone_are_left_out_and_that_is_said(manager: Client) -> None:
    promo_list = a_list()
    made = shown_codes(a_batch(promo_list, 4))
    claim(made[0])
    codes.cancel(made[1], "lost", ACTOR)
    export = requested(manager, promo_list, what="codes", codes="\n".join(made))
    assert export.quantity == 2
    said = "2 of the 4 chosen codes are left out, since they are claimed or cancelled."
    assert said in manager.get(f"/exports/{export.public_id}").content.decode()
    whole = requested(manager, promo_list, what="codes", codes="\n".join(made[2:]))
    assert "left out" not in manager.get(f"/exports/{whole.public_id}").content.decode()
    none = sent(manager, promo_list, what="codes", codes="\n".join(made[:2]))
    assert "None of these codes is available any more" in none.content.decode()
    assert Export.objects.count() == 2


def test_a_multi_use_code_is_printed_as_often_as_wanted(manager: Client) -> None:
    assert requested(manager, a_list(ListType.MULTI_USE), copies="24").quantity == 24


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"heading": "春の"}, "heading"),
        ({"what": "codes", "codes": ""}, "codes"),
        ({"what": "codes", "codes": "NO-SUCH"}, "codes"),
        ({"what": "bat_none"}, "what"),
        ({"layout": "poster"}, "layout"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    manager: Client, typed: dict[str, str], field: str
) -> None:
    promo_list = a_list()
    a_batch(promo_list)
    answer = sent(manager, promo_list, **typed)
    assert answer.context["form"].errors.keys() == {field}
    assert answer.context["form"]["paper"].value() == "Letter"
    assert not Export.objects.exists()


def test_a_list_without_available_codes_says_so(manager: Client) -> None:
    assert "No code is available" in sent(manager, a_list()).content.decode()


def test_numbers_are_read_as_everywhere(manager: Client) -> None:
    shared = a_list(ListType.MULTI_USE)
    assert requested(manager, shared, copies="1,000").quantity == 1000
    answer = sent(manager, shared, copies="1.000")
    assert "1.000 could mean 1 or 1,000." in answer.content.decode()


def test_how_many_are_printed_is_said_to_be_at_most_until_it_is_known(manager: Client) -> None:
    promo_list = a_list()
    made = shown_codes(a_batch(promo_list, 4))
    handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)
    export = requested(manager, promo_list)
    page = f"/exports/{export.public_id}"
    assert "<p>up to 4 codes as .pdf" in manager.get(page).content.decode()
    make(export)
    said = manager.get(page).content.decode()
    assert "<p>3 codes as .pdf" in said
    assert "The file has 3 codes." in said
    chosen = requested(manager, promo_list, what="codes", codes=made[1])
    assert "<p>1 code as .pdf" in manager.get(f"/exports/{chosen.public_id}").content.decode()


def test_before_the_codes_of_a_list_that_has_ended_are_printed_that_is_said(
    manager: Client,
) -> None:
    promo_list = a_list()
    a_batch(promo_list, 1)
    page, said = f"/lists/{promo_list.public_id}/print", "Nobody can claim what is printed"
    assert said not in manager.get(page).content.decode()
    PromoList.objects.filter(id=promo_list.id).update(ends_at=database_now())
    assert said in manager.get(page).content.decode()


def test_each_choice_says_how_many_codes_it_has_at_most(manager: Client) -> None:
    promo_list = a_list()
    claim(shown_codes(a_batch(promo_list, 3, name="Shops"))[0])
    a_batch(promo_list, 1500, name="Mail")
    page = manager.get(f"/lists/{promo_list.public_id}/print").content.decode()
    assert "All available, not handed out: up to 1,502" in page
    assert "Of Mail: up to 1,500" in page
    assert "Of Shops: up to 3" in page
