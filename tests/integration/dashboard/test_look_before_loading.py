"""Between choosing a file and loading it, a person sees how it is read, and can choose."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from promint.core import uploads
from promint.core.models import Batch, Code, PromoList
from promint.core.rules.rules import ListType
from tests.bulk import work_off
from tests.factories import a_list, shown_codes, third_party_codes
from tests.uploaded_files import xlsx

TWO_COLUMNS = b"Anna Berg;NW-1A\nBruno Tal;NW-2B\n"


@pytest.fixture
def partner() -> PromoList:
    return a_list(ListType.THIRD_PARTY)


def chosen(client: Client, promo_list: PromoList, content: bytes, name: str = "codes.csv") -> str:
    """The URL of the page that says how the file is read."""
    sent = {"file": SimpleUploadedFile(name, content)}
    answer = client.post(f"/lists/{promo_list.public_id}/upload", sent)
    assert answer.status_code == 302
    return str(answer["Location"])


def page(client: Client, address: str, **asked: Any) -> str:
    return client.get(f"{address}?{urlencode(asked, doseq=True)}").content.decode()


def test_what_is_understood_is_shown_and_nothing_is_loaded(
    manager: Client, partner: PromoList
) -> None:
    third_party_codes(a_list(ListType.THIRD_PARTY), ["KNOWN-1"])
    content = b"Name;Gutscheincode\nA;NW-1\nB;nw 1\nC;KNOWN-1\nD;note\nE;A!\n"
    text = page(manager, chosen(manager, partner, content))
    for said in (
        "Check before loading",
        "codes.csv",
        "UTF-8",
        "semicolons",
        "Column 2, under “Gutscheincode” in row 1",
        "1 ready, 1 not usable, 1 unlike all other codes, 1 repeated, 1 known already",
        "Not usable is what cannot be a code: codes have 3 to 64 of the letters A–Z",
        '<td role="cell" data-label="Result">Known already</td>',
        "Load codes",
    ):
        assert said in text, said
    assert not Batch.objects.filter(list=partner).exists()
    assert Code.objects.count() == 1


def test_loading_makes_a_batch_that_keeps_how_it_was_read(
    manager: Client, partner: PromoList
) -> None:
    address = chosen(manager, partner, b"Code;n\nNW-1;1\n")
    answer = manager.post(address, {"name": "July", "alert": "on", "alert_to": "a@b.de"})
    assert answer["Location"] == f"/lists/{partner.public_id}#batch-log"
    batch = work_off(Batch.objects.get())
    assert (batch.name, batch.notify, batch.created) == ("July", ["a@b.de"], 1)
    shown = manager.get(f"/lists/{partner.public_id}").content.decode()
    assert "Codes in: Column 1, under “Code” in row 1" in shown
    assert "Cells divided by: semicolons" in shown


def test_columns_are_there_to_choose_and_the_choice_is_looked_at(
    manager: Client, partner: PromoList
) -> None:
    address = chosen(manager, partner, TWO_COLUMNS)
    text = page(manager, address)
    assert "Which column holds the codes?" in text
    assert '<button class="btn small" name="column" value="2">Use column 2</button>' in text
    assert "<code>NW-1A</code>" in text
    assert "Load codes" not in text
    text = page(manager, address, column="2")
    assert "2 ready" in text
    manager.post(f"{address}?column=2", {})
    assert shown_codes(work_off(Batch.objects.get())) == ["NW-1A", "NW-2B"]


def test_undecided_files_are_not_loaded_whatever_is_sent(
    manager: Client, partner: PromoList
) -> None:
    answer = manager.post(chosen(manager, partner, TWO_COLUMNS), {})
    assert "Which column holds the codes?" in answer.content.decode()
    assert not Batch.objects.exists()


def test_sheets_are_there_to_choose(manager: Client, partner: PromoList) -> None:
    book = xlsx([["AAA-1"]], [["BBB-2"]], [["CCC-3"]])
    address = chosen(manager, partner, book, "codes.xlsx")
    text = page(manager, address)
    assert "Which sheets hold the codes?" in text
    assert 'name="sheet" value="Sheet 2"' in text
    text = page(manager, address, sheet=["Sheet 1", "Sheet 3"])
    assert "Sheet 1, Sheet 3" in text
    assert "<dt>Sheets left out</dt><dd>Sheet 2</dd>" in text


def test_it_can_be_read_differently(manager: Client, partner: PromoList) -> None:
    address = chosen(manager, partner, b"code\nNW-10\nNW-20\nTotal\n")
    assert "2 ready, 1 unlike all other codes" in page(manager, address)
    assert "3 ready" in page(manager, address, unlike="take")
    assert "4 ready" in page(manager, address, unlike="take", header="no", column="1")
    text = page(manager, address, column="price")
    assert "There is no column &#x27;price&#x27;" in text
    assert 'value="price"' in text


@pytest.mark.parametrize("pasted", ["Code\r\nNW-1\r\nNW-2\r\n", "NW-1, NW-2", " NW-1\tNW-2;\r\n"])
def test_codes_can_be_pasted(manager: Client, partner: PromoList, pasted: str) -> None:
    answer = manager.post(f"/lists/{partner.public_id}/upload", {"codes": pasted})
    assert "2 ready" in page(manager, answer["Location"])
    manager.post(answer["Location"], {})
    assert shown_codes(work_off(Batch.objects.get())) == ["NW-1", "NW-2"]


def test_codes_that_come_after_the_cap_are_pointed_out(manager: Client) -> None:
    capped = a_list(ListType.THIRD_PARTY, entry_cap=3)
    said = "of them can never be claimed while the cap is 3."
    assert said not in page(manager, chosen(manager, capped, b"NW-1A\nNW-2B\nNW-3C\n"))
    assert f"1 {said}" in page(manager, chosen(manager, capped, b"NW-1\nNW-2\nNW-3\nNW-4\n"))


def test_a_file_that_is_not_what_it_says_is_said_where_another_can_be_chosen(
    manager: Client, partner: PromoList
) -> None:
    answer = manager.get(chosen(manager, partner, b"no workbook", "codes.xlsx"))
    assert "not an Excel workbook" in answer.context["upload_form"].errors["file"][0]


def test_a_page_sent_twice_makes_one_batch(manager: Client, partner: PromoList) -> None:
    address = chosen(manager, partner, b"code\nNW-1\n")
    manager.post(address, {})
    again = manager.post(address, {})
    assert "This file is taken already" in again.content.decode()
    assert Batch.objects.count() == 1


def test_wrong_addresses_for_the_alert_are_said_on_the_page(
    manager: Client, partner: PromoList
) -> None:
    address = chosen(manager, partner, b"code\nNW-1\n")
    answer = manager.post(address, {"alert": "on", "alert_to": "nobody"})
    text = answer.content.decode()
    assert "Use an e-mail address like ops@example.com." in text
    assert "1 ready" in text
    assert not Batch.objects.exists()


def test_the_address_is_for_its_list_and_its_file_alone(
    manager: Client, agent: Client, partner: PromoList
) -> None:
    address = chosen(manager, partner, b"code\nNORTHWIND-1\n")
    other = a_list(ListType.THIRD_PARTY)
    moved = address.replace(partner.public_id, other.public_id)
    assert manager.get(moved).status_code == 404
    assert manager.get(f"/lists/{partner.public_id}/upload/made-up").status_code == 404
    assert agent.get(address).status_code == 403
    assert "NORTHWIND" not in address  # too long to be there by chance


def test_a_file_that_nobody_loads_is_forgotten(
    manager: Client, partner: PromoList, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = chosen(manager, partner, b"code\nNW-1\n")
    uploads.purge()
    assert "1 ready" in page(manager, address)
    monkeypatch.setattr("promint.core.uploads.files.UNCLAIMED_FOR", -timedelta(seconds=1))
    uploads.purge()
    answer = manager.get(address)
    assert "no longer kept" in answer.context["upload_form"].errors["file"][0]
