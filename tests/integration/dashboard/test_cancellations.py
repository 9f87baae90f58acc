"""Cancelling in bulk on the pages: choose, see what is at stake, say why, watch, undo, confirm."""

import re
from urllib.parse import unquote

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from promint.accounts.roles import Role
from promint.core import codes
from promint.core.codes import batches, handouts
from promint.core.models import Cancellation, PromoList
from promint.core.rules import ListType
from promint.core.storage import stored_files
from promint.worker.cancellations import Cancellations
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    an_offer,
    claim,
    shown_codes,
    signed_in,
    some_codes,
)
from tests.soundness import assert_every_invariant_holds
from tests.uploaded_files import xlsx

NEW = "/cancellations/new"


@pytest.fixture
def manager() -> Client:
    return signed_in(Role.MANAGER)


def text(response: HttpResponse, status: int = 200) -> str:
    """The text of the page that a person reads."""
    assert response.status_code == status, response.content
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", response.content.decode()))


def worked(manager: Client, response: HttpResponse) -> str:
    """The page of a cancellation that was just asked for, when the worker is done."""
    assert response.status_code == 302, response.content
    while Cancellations().turn():
        pass
    return text(manager.get(response["Location"]))


def a_leaked_list() -> tuple[PromoList, list[str]]:
    promo_list = a_list(name="Leaked", points=100)
    every = shown_codes(a_batch(promo_list, 4)) + shown_codes(a_batch(promo_list, 3))
    claim(every[0])
    return promo_list, every


def test_a_batch_is_found_on_its_list_cancelled_with_a_reason_and_undone(manager: Client) -> None:
    promo_list, every = a_leaked_list()
    first = batches.of_list(promo_list.id)[1]
    page = manager.get(f"/lists/{promo_list.public_id}").content.decode()
    address = f"{NEW}?list={promo_list.public_id}&batch={first.public_id}"
    assert address.replace("&", "&amp;") in page
    looked = text(manager.get(address))
    assert "This cancels 3 codes" in looked
    assert "300 points" in looked
    assert "1 claimed by a customer" in looked
    assert "Say why the codes are cancelled." in text(manager.post(address, {"reason": ""}), 422)
    done = worked(manager, manager.post(address, {"reason": "Left in a taxi"}))
    assert "Cancelled 3 codes" in done
    assert [codes.find(code).status for code in every[:5]] == [
        "claimed",
        *["cancelled"] * 3,
        "available",
    ]
    history = text(manager.get("/cancellations"))
    assert "Left in a taxi" in history
    assert f"{first.label} of Leaked" in history
    cancellation = f"/cancellations/{Cancellation.objects.get().public_id}"
    of_code = manager.post("/codes", {"code": every[1]}, follow=True)
    assert "The cancellation can be undone until" in text(of_code)
    assert f'href="{cancellation}"' in of_code.content.decode()
    of_agent = text(signed_in(Role.AGENT).get(of_code.redirect_chain[-1][0]))
    assert "It was cancelled together with others. A manager can undo that until" in of_agent
    assert "Make the codes available again?" in text(manager.get(f"{cancellation}/undo"))
    undone = worked(manager, manager.post(f"{cancellation}/undo"))
    assert "Available again 3 codes" in undone
    assert codes.find(every[1]).status == "available"
    assert "It cannot be undone" in text(manager.get(f"{cancellation}/undo"))
    life = text(manager.post("/codes", {"code": every[1]}, follow=True))
    assert "Available again: its cancellation was undone by" in life
    assert_every_invariant_holds()


def test_a_code_that_was_cancelled_singly_too_stays_cancelled_and_its_page_says_so(
    manager: Client,
) -> None:
    promo_list, every = a_leaked_list()
    worked(manager, manager.post(f"{NEW}?list={promo_list.public_id}", {"reason": "Leaked"}))
    codes.cancel(every[1], "Sold online", ACTOR)
    said = text(manager.post("/codes", {"code": every[1]}, follow=True))
    assert "A cancelled code stays cancelled." in said
    assert "can be undone" not in said


def test_only_what_was_handed_out_is_cancelled(manager: Client) -> None:
    promo_list, _ = a_leaked_list()
    given = handouts.hand_out(promo_list.public_id, "cust-1", ACTOR)[0].shown
    address = f"{NEW}?list={promo_list.public_id}&handed_out=yes"
    assert "This cancels 1 code" in text(manager.get(address))
    worked(manager, manager.post(address, {"reason": "Sent to the wrong people"}))
    assert codes.find(given).status == "cancelled"


def test_codes_in_a_file_and_pasted_codes_are_shown_before_they_are_cancelled(
    manager: Client,
) -> None:
    every = some_codes(4)
    claim(every[0])
    content = "code\n" + "\n".join([*every[:3], every[2], "NOSUCHCODE", "?"])
    file = SimpleUploadedFile("leaked.csv", content.encode())
    looked = text(manager.post(NEW, {"file": file}, follow=True))
    for said in (
        "This cancels 2 codes",
        "1 claimed by a customer",
        "File leaked.csv",
        "1 unknown",
        "Unknown NOSUCHCODE",
        "Named again 1 row of the file",
        "Not codes 1 row of the file",
    ):
        assert said in looked
    page = manager.post(NEW, {"codes": "\n".join(every[:3])})["Location"]
    assert "Say why" in text(manager.post(page, {"reason": " "}), 422)
    done = worked(manager, manager.post(page, {"reason": "On a forum"}))
    assert "3 codes by name" in done
    assert [codes.find(code).status for code in every] == [
        "claimed",
        *["cancelled"] * 2,
        "available",
    ]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a file, or paste codes."),
        ({"codes": "a b c, d\nE!"}, "No row of the file is a code."),
        ({"file": SimpleUploadedFile("a.pdf", b"x")}, "Send a file that ends in"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(
    manager: Client, sent: dict[str, object], said: str
) -> None:
    assert said in text(manager.post(NEW, sent, follow=True), 422)


def test_the_column_is_chosen_where_it_is_not_clear(manager: Client) -> None:
    every = some_codes(2)
    sent = {"codes": f"AAA11\t{every[0]}\nCCC33\t{every[1]}\n"}
    page = manager.post(NEW, sent)["Location"]
    undecided = manager.get(page)
    assert "Which column of pasted-codes.txt holds the codes?" in text(undecided)
    token = unquote(page.partition("file=")[2])
    assert f'<input type="hidden" name="file" value="{token}">' in undecided.content.decode()
    chosen = text(manager.get(f"{page}&column=2"))
    assert "This cancels 2 codes" in chosen
    assert "unlike all others" not in chosen
    assert "no column" in text(manager.get(f"{page}&column=Serial"), 422)
    worked(manager, manager.post(f"{page}&column=2", {"reason": "Leaked"}))
    assert [codes.find(code).status for code in every] == ["cancelled"] * 2


def test_the_sheets_are_chosen_where_it_is_not_clear(manager: Client) -> None:
    every = some_codes(3)
    content = xlsx(*([[code]] for code in every))
    page = manager.post(NEW, {"file": SimpleUploadedFile("leaked.xlsx", content)})["Location"]
    assert "Which sheets of leaked.xlsx hold the codes?" in text(manager.get(page))
    chosen = text(manager.get(f"{page}&sheet=Sheet+1&sheet=Sheet+3"))
    assert "This cancels 2 codes" in chosen
    assert "Sheet 1, Sheet 3" in chosen


def test_a_file_may_name_a_hundred_thousand_codes(manager: Client) -> None:
    every = some_codes(30)
    known = "\n".join(every)
    others = "\n".join(f"CODE{i:06}" for i in range(99_970))
    file = SimpleUploadedFile("leaked.csv", f"{known}\n{others}".encode())
    page = manager.post(NEW, {"file": file})["Location"]
    looked = text(manager.get(page))
    assert "99,970 unknown" in looked
    assert "Unknown, for example CODE000000 CODE000001" in looked
    assert "Cancelled 30 codes" in worked(manager, manager.post(page, {"reason": "Leaked"}))
    more = SimpleUploadedFile("leaked.csv", f"{known}\n{others}\nCODE".encode())
    said = text(manager.post(NEW, {"file": more}, follow=True), 422)
    assert "at most 100,000 rows" in said


def test_a_file_that_is_no_longer_kept_is_chosen_again(manager: Client) -> None:
    page = manager.post(NEW, {"codes": some_codes(1)[0]})["Location"]
    for file in stored_files.directory("uploads").iterdir():
        file.unlink()
    assert "The file is no longer kept. Choose it again." in text(manager.get(page), 422)
    assert manager.get(f"{NEW}?file=made-up").status_code == 404


def test_nothing_to_cancel_is_said(manager: Client) -> None:
    named = manager.post(NEW, {"codes": "NOSUCHCODE"}, follow=True)
    assert "There is nothing to cancel" in text(named)
    empty = a_list()
    looked = text(manager.get(f"{NEW}?list={empty.public_id}"))
    assert "There is nothing to cancel" in looked
    assert "No cancellations yet" in text(manager.get("/cancellations"))


def test_a_form_sent_twice_cancels_once(manager: Client) -> None:
    promo_list, _ = a_leaked_list()
    address = f"{NEW}?list={promo_list.public_id}"
    sent = {"reason": "Leaked", "sent_once": "0" * 32}
    first, second = manager.post(address, sent), manager.post(address, sent)
    assert first["Location"] == second["Location"]
    assert Cancellation.objects.count() == 1


def test_another_manager_confirms_what_is_large(manager: Client, settings: LazySettings) -> None:
    settings.APPROVE_ABOVE = 2
    promo_list, _ = a_leaked_list()
    address = f"{NEW}?list={promo_list.public_id}"
    assert "another manager has to confirm it" in text(manager.get(address))
    asked = manager.post(address, {"reason": "Leaked"})["Location"]
    own = text(manager.get(asked))
    assert "Waiting" in own
    assert "Confirm and cancel" not in own
    refused = manager.post(f"{asked}/decide", {"decision": "confirm"}, follow=True)
    assert "another manager has to confirm it" in text(refused)
    assert not Cancellations().turn()
    second = signed_in(Role.MANAGER)
    assert "1 cancellation of many codes waits for a second person" in text(second.get("/"))
    for other in (manager, signed_in(Role.AGENT)):
        assert "waits for a second person" not in text(other.get("/"))
    shown = text(second.get(asked))
    assert "Confirm and cancel codes" in shown
    assert "Points at stake 600 points" in shown
    assert "1 claimed by a customer" in shown
    done = worked(second, second.post(f"{asked}/decide", {"decision": "confirm"}))
    assert "waits for a second person" not in text(second.get("/"))
    assert "Cancelled 6 codes" in done
    assert second.get("/audit").status_code == 403
    audit = text(signed_in(Role.ADMIN).get("/audit"))
    assert "Cancellation in bulk confirmed" in audit


def test_the_page_of_who_asked_hears_of_the_decision(
    manager: Client, settings: LazySettings
) -> None:
    settings.APPROVE_ABOVE = 0
    promo_list, _ = a_leaked_list()
    asked = manager.post(f"{NEW}?list={promo_list.public_id}", {"reason": "Leaked"})["Location"]
    again = f'hx-get="{asked}?seen=waiting" hx-trigger="every 5s"'
    assert again in manager.get(asked).content.decode()
    heard = manager.get(f"{asked}?seen=waiting", headers={"HX-Request": "true"})
    assert heard.status_code == 204
    signed_in(Role.MANAGER).post(f"{asked}/decide", {"decision": "decline"})
    heard = manager.get(f"{asked}?seen=waiting", headers={"HX-Request": "true"})
    assert "Declined" in text(heard)
    assert "hx-trigger" not in heard.content.decode()


def test_what_waits_can_be_declined(manager: Client, settings: LazySettings) -> None:
    settings.APPROVE_ABOVE = 0
    promo_list, every = a_leaked_list()
    asked = manager.post(f"{NEW}?list={promo_list.public_id}", {"reason": "Leaked"})["Location"]
    declined = worked(manager, manager.post(f"{asked}/decide", {"decision": "decline"}))
    assert "Withdrawn" in declined
    late = signed_in(Role.MANAGER).post(f"{asked}/decide", {"decision": "confirm"}, follow=True)
    assert "It was withdrawn before you decided, and that stays so." in text(late)
    assert codes.find(every[1]).status == "available"


def test_who_declines_later_than_another_confirmed_is_told(
    manager: Client, settings: LazySettings
) -> None:
    settings.APPROVE_ABOVE = 0
    page = manager.post(NEW, {"codes": "\n".join(some_codes(3))})["Location"]
    asked = manager.post(page, {"reason": "Leaked"})["Location"]
    for decision, said in (("decline", "Declined"), ("confirm", "It was declined before you")):
        second = signed_in(Role.MANAGER)
        told = text(second.post(f"{asked}/decide", {"decision": decision}, follow=True))
        assert said in told


def test_a_file_and_pasted_codes_are_not_sent_together(manager: Client) -> None:
    file = SimpleUploadedFile("leaked.csv", b"code\nABC")
    said = text(manager.post(NEW, {"file": file, "codes": "DEF"}, follow=True), 422)
    assert "Send the file or the codes in this box, and then the other." in said


def test_while_it_goes_on_the_page_asks_again(manager: Client) -> None:
    promo_list, _ = a_leaked_list()
    asked = manager.post(f"{NEW}?list={promo_list.public_id}", {"reason": "Leaked"})["Location"]
    part = manager.get(asked, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    assert "Stop and undo" in part
    Cancellation.objects.update(status="failed", error="The disk is full.")
    assert "It failed: The disk is full." in text(manager.get(asked))


def test_a_list_for_everyone_has_nothing_to_cancel_in_bulk(manager: Client) -> None:

    shared = a_list(ListType.MULTI_USE)
    assert "shared by many customers" in text(manager.get(f"{NEW}?list={shared.public_id}"), 409)
    assert manager.get(f"{NEW}?list=lst_x").status_code == 404


@pytest.mark.parametrize("looked_at", [20_000, 1])
def test_what_is_at_stake_on_a_list_that_issues_offers_alone_is_offers(
    manager: Client, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    monkeypatch.setattr("promint.core.codes.stake.LOOKED_AT", looked_at)
    offer = an_offer("Free coffee")
    promo_list = a_list(points=None, offers=[offer.public_id])
    claim(shown_codes(a_batch(promo_list, 4))[0])
    said = text(manager.get(f"{NEW}?list={promo_list.public_id}"))
    assert "Offers at stake 3 × Free coffee" in said
    assert "Points at stake" not in said
