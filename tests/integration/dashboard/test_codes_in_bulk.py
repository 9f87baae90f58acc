"""Generating, exporting and uploading from a list's page."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from promint.accounts.roles import Role
from promint.core import exports
from promint.core.models import Batch, Export, PromoList
from promint.core.rules import limits
from promint.core.rules.rules import ListType
from promint.core.storage.jobs import Job
from promint.worker import sent_files
from promint.worker.exports import Exports
from promint.worker.loop import Chore
from tests.factories import a_batch, a_list, a_pending_batch, shown_codes, signed_in
from tests.servers import wait_until

DAY = timedelta(days=1)


def work(chore: Chore, jobs: type[Job]) -> None:
    """Work until the one job is done."""

    def done() -> bool:
        chore.turn()
        return not jobs._default_manager.filter(status="pending").exists()

    wait_until(done, 60)


def generate(client: Client, promo_list: PromoList, **typed: Any) -> Any:
    return client.post(f"/lists/{promo_list.public_id}/generate", typed)


def test_the_dialog_has_an_address_that_shows_it_open(manager: Client) -> None:
    promo_list = a_list(code_prefix="SPR")
    text = manager.get(f"/lists/{promo_list.public_id}/generate").content.decode()
    assert '<dialog class="modal" open' in text
    assert "SPR-7KXM-" in text
    assert "The codes are never e-mailed." in text
    assert f"<h1>{promo_list.name}</h1>" in text


def test_only_the_number_is_needed(manager: Client) -> None:
    promo_list = a_list()
    answer = generate(manager, promo_list, quantity="2,500", alert_to="x@example.com")
    assert answer["Location"] == f"/lists/{promo_list.public_id}"
    batch = Batch.objects.get()
    assert (batch.quantity, batch.label, batch.notify) == (2500, "Batch 1", [])
    said = manager.get(answer["Location"]).content.decode()
    assert "Generating 2,500 codes. You can leave this page." in said


def test_a_name_and_addresses_for_an_alert_can_be_given(manager: Client) -> None:
    generate(
        manager,
        a_list(),
        quantity="5",
        name="Printed cards",
        alert="on",
        alert_to="a@example.com, b@example.com",
    )
    batch = Batch.objects.get()
    assert (batch.label, batch.notify) == ("Printed cards", ["a@example.com", "b@example.com"])


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"quantity": ""}, "quantity", "Write how many codes you want"),
        ({"quantity": "0"}, "quantity", "from 1 to 10,000,000"),
        ({"quantity": "a lot"}, "quantity", "Write 1,000 or 1000"),
        ({"quantity": "5", "alert": "on", "alert_to": ""}, "alert_to", "Enter an address"),
        ({"quantity": "5", "alert": "on", "alert_to": "me"}, "alert_to", "e-mail address"),
        ({"quantity": "5", "name": "x" * 201}, "name", "200"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_in_the_open_dialog(
    manager: Client, typed: dict[str, str], field: str, said: str
) -> None:
    answer = generate(manager, a_list(), **typed)
    assert said in answer.context["form"].errors[field][0]
    assert '<dialog class="modal" open' in answer.content.decode()
    assert not Batch.objects.exists()


def test_too_many_for_the_length_of_the_codes_is_said(manager: Client) -> None:
    answer = generate(manager, a_list(code_length=8), quantity="20000")
    assert "room for 13,492" in answer.context["form"].errors["quantity"][0]


def test_a_completed_list_refuses_in_the_dialog(manager: Client) -> None:
    over = a_list(starts_in=-9 * DAY, ends_in=-DAY)
    assert "The list ended on" in manager.get(f"/lists/{over.public_id}/generate").content.decode()
    text = generate(manager, over, quantity="5").content.decode()
    assert "The list is completed" in text
    assert not Batch.objects.exists()


def test_other_types_have_no_such_dialog(manager: Client) -> None:
    for kind in (ListType.MULTI_USE, ListType.THIRD_PARTY):
        assert manager.get(f"/lists/{a_list(kind).public_id}/generate").status_code == 404


def export(client: Client, batch: Batch, format: str) -> Any:
    return client.post(
        f"/lists/{batch.list.public_id}/export", {"batch": batch.public_id, "format": format}
    )


def test_an_export_is_asked_for_waited_for_and_fetched(manager: Client) -> None:
    batch = a_batch(a_list(name="Spring"), 30, name="Cards")
    answer = export(manager, batch, "csv")
    address = answer["Location"]
    waiting = manager.get(address).content.decode()
    assert '<dialog class="modal slim" open' in waiting
    assert "0 of 30 codes" in waiting
    assert 'http-equiv="refresh"' in waiting  # for browsers without scripts

    work(Exports(), Export)
    part = manager.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<dialog" not in part
    assert f'href="{address}/file" data-download' in part
    told = signed_in(Role.MANAGER).get(address).content.decode()
    assert f'href="{address}/file"' in told
    assert "data-download" not in told  # to who did not ask for it, the address is a page
    file = manager.get(f"{address}/file")
    assert file["Content-Disposition"] == 'attachment; filename="Spring - Cards.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert sorted(row["Code"] for row in rows) == sorted(shown_codes(batch))


def test_a_whole_list_can_be_exported(manager: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 2)
    a_batch(promo_list, 3)
    manager.post(f"/lists/{promo_list.public_id}/export", {"batch": "", "format": "xlsx"})
    assert Export.objects.get().quantity == 5


def test_an_export_that_cannot_be_says_why(manager: Client) -> None:
    answer = export(manager, a_pending_batch(a_list(), 3), "xls")
    assert answer.status_code == 409
    assert "Its codes are not complete yet." in answer.content.decode()
    waiting = export(manager, a_batch(a_list(), 2), "csv")["Location"]
    early = manager.get(f"{waiting}/file")
    assert early.status_code == 409
    assert "The file is not ready yet." in early.content.decode()
    gone = manager.get("/exports/exp_0000000000000/file")
    assert (gone.status_code, b"There is no such export." in gone.content) == (404, True)


def test_a_failed_export_and_one_that_is_gone_say_so(manager: Client) -> None:
    batch = a_batch(a_list(), 2)
    address = export(manager, batch, "csv")["Location"]
    Export.objects.update(status="failed", error="The disk is full.")
    assert "The export failed: The disk is full." in manager.get(address).content.decode()
    long_ago = batch.created_at - limits.EXPORTS_KEPT
    Export.objects.update(status="active", finished_at=long_ago)
    assert "deleted after 24 hours" in manager.get(address).content.decode()
    assert not exports.kept(Export.objects.get(), batch.created_at)


def upload(client: Client, promo_list: PromoList, content: bytes | None, **typed: Any) -> Any:
    if content is not None:
        typed["file"] = SimpleUploadedFile(typed.pop("called", "codes.csv"), content)
    return client.post(f"/lists/{promo_list.public_id}/upload", typed)


def load(client: Client, promo_list: PromoList, content: bytes, **typed: Any) -> Any:
    """Choose a file, look at how it is read, and load it."""
    called = {"called": typed.pop("called")} if "called" in typed else {}
    looked = upload(client, promo_list, content, **called)
    return client.post(looked["Location"], typed)


def test_a_file_is_loaded_and_the_bad_rows_come_back(manager: Client, viewer: Client) -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    answer = load(manager, promo_list, b"code\nNW-1\nNW-2\nnw 1\n!!\n", name="Partner")
    assert answer["Location"] == f"/lists/{promo_list.public_id}#batch-log"
    work(sent_files.of_codes(), Batch)
    batch = Batch.objects.get()
    text = manager.get(answer["Location"]).content.decode()
    for said in ("Partner", "codes.csv", "1 not usable, 1 repeated", "2 rows rejected"):
        assert said in text
    rows = manager.get(f"/batches/{batch.public_id}/rejects")
    content = b"".join(rows.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert content.splitlines() == [
        '"row","value","reason"',
        '"4","nw 1","duplicate_in_file"',
        '"5","!!","malformed"',
    ]
    assert "/rejects" not in viewer.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("content", "called", "said"),
    [
        (None, "", "Choose a file, or paste codes."),
        (b"", "codes.csv", "The file is empty."),
        (b"x", "codes.pdf", "Send a file that ends in"),
    ],
)
def test_a_file_that_cannot_be_used_says_so_beside_the_field(
    manager: Client, content: bytes | None, called: str, said: str
) -> None:
    answer = upload(manager, a_list(ListType.THIRD_PARTY), content, called=called)
    assert said in answer.context["upload_form"].errors["file"][0]
    assert not Batch.objects.exists()


def test_no_more_of_a_file_is_kept_than_an_upload_may_have(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UPLOAD_BYTES", 200_000)
    answer = upload(manager, a_list(ListType.THIRD_PARTY), b"CODE1\n" * 100_000)
    assert "A file may have at most" in answer.context["upload_form"].errors["file"][0]
    assert not Batch.objects.exists()


def test_only_open_3rd_party_lists_take_files(manager: Client) -> None:
    assert upload(manager, a_list(), b"A-1\n").status_code == 404
    over = a_list(ListType.THIRD_PARTY, starts_in=-9 * DAY, ends_in=-DAY)
    assert "It takes no further codes" in upload(manager, over, b"AB-1\n").content.decode()
    assert not Batch.objects.exists()
    assert "It takes no further codes" in manager.get(f"/lists/{over.public_id}").content.decode()
