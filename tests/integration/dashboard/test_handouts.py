"""The handouts of a list, and handing out to everyone in a file, as managers see them."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from promint.core import bulk_handouts
from promint.core.codes import handouts
from promint.core.models import BulkHandout, PromoList
from promint.core.rules import HandoutRules
from promint.core.rules.rules import ListType
from promint.dashboard.handouts import handouts as handouts_page
from tests.bulk import hand_out_all, in_bulk
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes


def text(answer: HttpResponse, status: int = 200) -> str:
    assert answer.status_code == status, answer.content
    return answer.content.decode()


def page_of(promo_list: PromoList, rest: str = "") -> str:
    return f"/lists/{promo_list.public_id}/handouts{rest}"


def test_a_file_is_chosen_looked_at_started_and_fetched(manager: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 2)
    assert page_of(promo_list) in text(manager.get(f"/lists/{promo_list.public_id}"))
    assert page_of(promo_list, "/bulk") in text(manager.get(page_of(promo_list)))
    file = SimpleUploadedFile("guests.csv", b"name,member\nAda,m-1\nBo,m-2\nCy,m-3\nBo,m-2\n")
    chosen = manager.post(page_of(promo_list, "/bulk"), {"file": file})
    look = text(manager.get(chosen["Location"]))
    assert "Column 2, under “member” in row 1" in look
    assert "3 ready, 1 repeated" in look
    assert "2 codes are left to hand out. Recipients after the last code get none" in look
    started = manager.post(chosen["Location"])
    assert "The file is being read" in text(manager.get(started["Location"]))
    hand_out_all(BulkHandout.objects.get())
    state = text(manager.get(started["Location"], headers={"HX-Request": "true"}))
    assert "1 repeated" in state
    assert "1 left without a code" in state
    fetched = manager.get(f"{started['Location']}/file")
    assert ".csv" in fetched["Content-Disposition"]
    told = b"".join(fetched.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(told, newline="")))
    assert [row["recipient"] for row in rows] == ["m-1", "m-2"]
    left_out = manager.get(f"{started['Location']}/rejects")
    assert b"no_codes_left" in b"".join(left_out.streaming_content)  # type: ignore[attr-defined]
    assert "2 codes handed out" in text(manager.get(f"/lists/{promo_list.public_id}"))
    index = text(manager.get(page_of(promo_list)))
    assert all(row["code"] in index for row in rows)
    assert "guests.csv" in index


def looked_at(manager: Client, promo_list: PromoList, quantity: int) -> str:
    recipients = "\n".join(f"guest-{number}" for number in range(quantity))
    chosen = manager.post(page_of(promo_list, "/bulk"), {"recipients": recipients})
    return text(manager.get(chosen["Location"]))


def test_codes_that_are_handed_out_already_are_not_left(manager: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 3)
    for recipient in ("first", "second"):
        handouts.hand_out(promo_list.public_id, recipient, ACTOR)
    assert "left to hand out" not in looked_at(manager, promo_list, 1)
    assert "1 code is left to hand out." in looked_at(manager, promo_list, 2)


def test_codes_that_come_after_the_cap_are_pointed_out(manager: Client) -> None:
    promo_list = a_list(entry_cap=4)
    codes = shown_codes(a_batch(promo_list, 10))
    claim(codes[0])
    handouts.hand_out(promo_list.public_id, "before", ACTOR)
    assert "never be claimed" not in looked_at(manager, promo_list, 2)
    said = "3 of these codes can never be claimed while the cap is 4."
    assert said in looked_at(manager, promo_list, 5)


@pytest.mark.parametrize("divider", [", ", ";"])
def test_several_people_on_one_line_are_never_one(manager: Client, divider: str) -> None:
    promo_list = a_list()
    a_batch(promo_list, 5)

    def look(*lines: str) -> str:
        chosen = manager.post(page_of(promo_list, "/bulk"), {"recipients": "\n".join(lines)})
        return text(manager.get(chosen["Location"]))

    pair = f"bo@shop.example{divider}cy@shop.example"
    assert "2 ready" in look(pair)
    mixed = look("ada@shop.example", pair, "dan@shop.example")
    assert "2 ready, 1 not usable" in mixed
    assert "Put each on a line of its own." in mixed


def test_ids_that_differ_in_the_size_of_letters_are_pointed_out(manager: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 5)
    chosen = manager.post(page_of(promo_list, "/bulk"), {"recipients": "C-1\nc-2\nc-1\nC-1\n"})
    look = text(manager.get(chosen["Location"]))
    assert "“C-1” and “c-1” are two recipients, because capital and small letters count" in look
    assert "are two recipients" not in looked_at(manager, promo_list, 3)


def test_what_opens_a_completed_list_is_said(manager: Client) -> None:
    full = a_list(entry_cap=1)
    claim(shown_codes(a_batch(full, 2))[0])
    assert "A higher cap opens it again." in text(manager.get(page_of(full, "/bulk")))
    ended = a_list(starts_in=timedelta(days=-9), ends_in=timedelta(days=-1))
    assert "A later end opens it again." in text(manager.get(page_of(ended, "/bulk")))


def test_pasted_recipients_are_taken_and_a_column_is_chosen_by_a_click(manager: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 3)
    sent = {"recipients": "Ada\tm-1\nBo\tm-2\n"}
    look = manager.post(page_of(promo_list, "/bulk"), sent)["Location"]
    assert "Which column holds the recipients?" in text(manager.get(look))
    assert "Which column holds the recipients?" in text(manager.post(look))
    assert not BulkHandout.objects.exists()
    assert "2 ready" in text(manager.get(f"{look}?column=2"))
    manager.post(f"{look}?column=2")
    assert hand_out_all(BulkHandout.objects.get()).handed_out == 2
    assert handouts.of_list(promo_list.id, None, 9)[0].handout.recipient in ("m-1", "m-2")


def test_before_the_start_it_is_said_and_must_be_meant(manager: Client) -> None:
    promo_list = a_list(starts_in=timedelta(days=1))
    look = manager.post(page_of(promo_list, "/bulk"), {"recipients": "m-1"})["Location"]
    assert "Hand out before the list starts" in text(manager.get(look))
    assert "has not started" in text(manager.post(look))
    assert manager.post(look, {"early": "yes"}).status_code == 302
    assert BulkHandout.objects.get().early


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a file, or paste recipients."),
        ({"file": SimpleUploadedFile("a.pdf", b"x")}, "Send a file that ends in"),
        ({"file": SimpleUploadedFile("a.csv", b"")}, "The file is empty."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    manager: Client, sent: dict[str, object], said: str
) -> None:
    assert said in text(manager.post(page_of(a_list(), "/bulk"), sent))


def test_a_list_for_everyone_and_one_that_has_ended_hand_nothing_out(manager: Client) -> None:
    shared = a_list(ListType.MULTI_USE)
    assert manager.get(page_of(shared)).status_code == 404
    assert manager.get(page_of(shared, "/bulk")).status_code == 404
    assert page_of(shared) not in text(manager.get(f"/lists/{shared.public_id}"))
    ended = a_list(starts_in=timedelta(days=-9), ends_in=timedelta(days=-1))
    assert "Nothing more is handed out" in text(manager.get(page_of(ended, "/bulk")))
    assert "Nothing handed out yet" in text(manager.get(page_of(ended)))


def test_handouts_are_found_by_recipient_and_shown_page_by_page(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handouts_page, "PER_PAGE", 2)
    promo_list = a_list(handout=HandoutRules(valid_days=3))
    a_batch(promo_list, 9)
    names = ["ann-1", "ann-2", "ann-3", "bob-1", "x" * 255]
    in_bulk(promo_list, names)
    first = handouts.hand_out(promo_list.public_id, "ann-1", ACTOR)[0]
    claim(first.shown, "ann-1")
    for query, expected in [("", names), ("?recipient=ann", names[:3])]:
        seen: list[str] = []
        address = page_of(promo_list, query)
        while address:
            answer = manager.get(address)
            rows = answer.context["rows"]
            seen += [one.handout.recipient for one, _ in rows]
            text(answer)
            following = answer.context["next"]
            joined = "&" if query else "?"
            address = page_of(promo_list, f"{query}{joined}before={following}") if following else ""
        assert sorted(seen) == sorted(expected)
    assert "Nobody whose id begins with" in text(manager.get(page_of(promo_list, "?recipient=z")))
    assert "control characters" in text(manager.get(page_of(promo_list, "?recipient=%00")), 422)
    shown = text(manager.get(page_of(promo_list, "?recipient=ann-1")))
    assert "Not yet" not in shown
    other = manager.get(page_of(promo_list, "?recipient=ann")).context["next"]
    assert len(manager.get(page_of(promo_list, f"?before={other}")).context["rows"]) == 2


def test_files_are_deleted_after_a_day_and_the_page_says_so(manager: Client) -> None:
    promo_list = a_list()
    bulk = in_bulk(promo_list, ["m-1"])
    BulkHandout.objects.update(rows_kept=False)
    page = f"/bulk-handouts/{bulk.public_id}"
    assert "deleted after 24 hours" in text(manager.get(page))
    assert manager.get(f"{page}/file").status_code == 404
    BulkHandout.objects.update(status="failed", error="The disk is full.")
    assert "It failed: The disk is full." in text(manager.get(page))
    assert bulk_handouts.find(bulk.public_id).status == "failed"
