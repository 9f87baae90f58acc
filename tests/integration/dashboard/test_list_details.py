"""The page of a list, for each type, and the page of its claims."""

import io
from datetime import timedelta
from typing import Any

import pytest
import segno
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.core import codes
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.codes import batches
from promint.core.events import mails
from promint.core.models import Batch, Mail, PromoList
from promint.core.rules.rules import BatchStatus, ListType
from promint.core.storage.clock import database_now
from tests.factories import (
    ACTOR,
    a_batch,
    a_list,
    a_pending_batch,
    an_offer,
    claim,
    shown_codes,
    some_codes,
    third_party_codes,
)

QUERIES = 24
DAY = timedelta(days=1)


def page(client: Client, promo_list: PromoList, rest: str = "") -> str:
    answer = client.get(f"/lists/{promo_list.public_id}{rest}")
    assert answer.status_code == 200
    return answer.content.decode()


def stats(client: Client, promo_list: PromoList) -> dict[str, str]:
    """The figures at the top of the page, by their labels."""
    text = page(client, promo_list).split('<dl class="stats"')[1].split("</dl>")[0]
    cells = text.split("<dt>")[1:]
    return {cell.split("<")[0]: cell.split("<dd>")[1].split("<")[0] for cell in cells}


def test_single_use_counts_what_is_made_claimed_available_and_cancelled(viewer: Client) -> None:
    promo_list = a_list(entry_cap=10)
    made = shown_codes(a_batch(promo_list, 8))
    claim(made[0])
    claim(made[1], "cust-2")
    codes.cancel(made[2], "lost", ACTOR)
    a_pending_batch(promo_list, 500)
    assert stats(viewer, promo_list) == {
        "Codes": "8",
        "Claimed": "2",
        "Available": "5",
        "Cancelled": "1",
        "Claim rate": "25.0%",
    }
    assert "500 more on the way" in page(viewer, promo_list)


def test_the_summary_says_what_was_promised(viewer: Client) -> None:
    offer = an_offer("Free mug")
    promo_list = a_list(
        timezone="Asia/Tokyo", offers=[offer.public_id], tags=["vip", "spring"], entry_cap=10
    )
    text = page(viewer, promo_list)
    for said in ("Free mug", "vip", "spring", "10 claims", "1,000 points at most", "UTC+9", "JST"):
        assert (said in text) == (said != "UTC+9"), said


def test_a_list_that_has_ended_promises_nothing_any_more(viewer: Client) -> None:
    offer = an_offer("Free mug").public_id
    running = {"entry_cap": 10, "starts_in": -9 * DAY}
    ended = running | {"ends_in": -DAY}
    for made, over in ((running, False), (ended, True)):
        code = f"Spring{over}"
        text = page(viewer, a_list(ListType.MULTI_USE, code=code, points=5, **made))
        said = [
            "Ends</dt>",
            "10 left",
            "50 points at most",
            "Customers type<",
            ">Left<",
            "At the cap",
        ]
        assert [one in text for one in said] == [not over] * len(said)
        said = ["Ended</dt>", "10 not claimed", "0 points<br>", "no more can follow"]
        said += ["Customers typed<", ">Not claimed<", "Since the end"]
        assert [one in text for one in said] == [over] * len(said)
        in_offers = page(viewer, a_list(points=None, offers=[offer], **made))
        assert ("10 × Free mug at most" in in_offers) is not over
        assert ("0 × Free mug<br>" in in_offers) is over
        assert ("No limit" in page(viewer, a_list(**made | {"entry_cap": None}))) is not over


def test_a_list_without_codes_begins_with_generating_them_and_an_empty_chart_is_a_line(
    viewer: Client, manager: Client
) -> None:
    for fresh in (a_list(), a_list(starts_in=9 * DAY)):
        text = page(manager, fresh)
        assert text.index('id="generate"') < text.index('id="summary"')
        assert text.count("btn primary") == 1
        assert '<p class="muted gap" id="chart">' in text
        assert 'id="generate"' not in page(viewer, fresh)
    ended = a_list(starts_in=-9 * DAY, ends_in=-DAY)
    assert 'id="generate"' not in page(manager, ended)
    a_batch(fresh, 2)
    assert 'id="generate"' not in page(manager, fresh)


def test_times_are_in_the_lists_zone(viewer: Client) -> None:
    promo_list = a_list(timezone="Asia/Tokyo")
    there = promo_list.starts_at + timedelta(hours=9)
    assert f"{there:%b} {there.day}, {there.year}, {there:%H:%M}" in page(viewer, promo_list)


def test_recent_claims_show_customer_code_and_batch_but_no_unclaimed_code(
    viewer: Client,
) -> None:
    promo_list = a_list()
    made = shown_codes(a_batch(promo_list, 3, name="Printed cards"))
    claim(made[0], "cust/42")
    text = page(viewer, promo_list)
    assert made[0] in text
    assert "cust/42" in text
    assert text.count("Printed cards") >= 2
    assert made[1] not in text


def test_multi_use_shows_its_code_its_qr_code_and_how_near_the_cap_is(viewer: Client) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Spring Sale", entry_cap=4)
    claim("springsale")
    text = page(viewer, promo_list)
    for said in ("Spring Sale", 'data-copy="Spring Sale"', "25.0%", "This code has expired."):
        assert said in text
    assert "Batch log" not in text
    svg = viewer.get(f"/lists/{promo_list.public_id}/qr.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg["Content-Disposition"] == 'attachment; filename="SPRINGSALE.svg"'
    png = viewer.get(f"/lists/{promo_list.public_id}/qr.png")
    assert png.content.startswith(b"\x89PNG")
    assert viewer.get(f"/lists/{promo_list.public_id}/qr.exe").status_code == 404
    assert viewer.get(f"/lists/{a_list().public_id}/qr.svg").status_code == 404


def test_an_uncapped_multi_use_list_has_no_ring(viewer: Client) -> None:
    promo_list = a_list(ListType.MULTI_USE)
    text = page(viewer, promo_list)
    assert 'class="ring"' not in text
    assert "No cap" in text


def test_third_party_has_an_upload_form_for_those_who_may(viewer: Client, manager: Client) -> None:
    promo_list = a_list(ListType.THIRD_PARTY)
    third_party_codes(promo_list, ["NW-1", "NW-2"])
    assert 'type="file"' in page(manager, promo_list)
    assert 'type="file"' not in page(viewer, promo_list)
    assert stats(viewer, promo_list)["Codes"] == "2"


def test_what_one_may_not_do_is_not_shown(viewer: Client, manager: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 2)
    for said in ("Generate codes", "/edit", ">Export"):
        assert said in page(manager, promo_list)
        assert said not in page(viewer, promo_list)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ({"starts_in": -9 * DAY, "ends_in": -DAY}, "The list ended on "),
        ({"entry_cap": 1}, "The cap of 1 claim is reached."),
    ],
)
def test_a_completed_list_says_why_it_takes_no_more_codes(
    manager: Client, made: dict[str, Any], why: str
) -> None:
    promo_list = a_list(**made)
    if "entry_cap" in made:
        claim(shown_codes(a_batch(promo_list, 1))[0])
    text = page(manager, promo_list)
    assert why in text
    assert 'aria-disabled="true"' in text
    assert f"/lists/{promo_list.public_id}/generate" not in text


def test_the_chart_draws_the_claims_of_each_day_and_the_running_total(viewer: Client) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="chart", starts_in=-6 * DAY)
    now = database_now()
    for ago, count in ((3, 5), (1, 2)):
        attempts = [Attempt("chart", f"c{ago}-{i}", "key_x") for i in range(count)]
        claim_many(attempts, clock=lambda ago=ago: now - ago * DAY)  # type: ignore[misc]
    text = page(viewer, promo_list)
    assert ": 5 claims</title>" in text
    assert ": 2 claims</title>" in text
    assert ": 7 claims in all</title>" in page(viewer, promo_list, "?chart=total")


def test_the_day_the_cap_will_be_reached_is_foretold_only_if_it_comes_before_the_end(
    viewer: Client,
) -> None:
    soon = a_list(ListType.MULTI_USE, code="soon", entry_cap=40, starts_in=-4 * DAY)
    never = a_list(ListType.MULTI_USE, code="never", entry_cap=10**6, starts_in=-4 * DAY)
    now = database_now()
    for code in ("soon", "never"):
        for i in range(30):
            attempts = [Attempt(code, f"c{i}", "key_x")]
            claim_many(attempts, clock=lambda i=i: now - (1 + i % 3) * DAY)  # type: ignore[misc]
    assert "At this pace the cap is reached on" in page(viewer, soon)
    assert "the cap is reached" not in page(viewer, never)


def test_a_list_before_its_start_and_one_without_claims_say_so(viewer: Client) -> None:
    assert "Claims show here from then on" in page(viewer, a_list(starts_in=DAY))
    assert "No claims yet." in page(viewer, a_list())


def test_all_claims_come_in_pages_without_codes_or_customers_in_the_address(
    viewer: Client,
) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="many")
    now = database_now()
    attempts = [Attempt("many", f"cust-{i:03}", "key_x") for i in range(120)]
    claim_many(attempts[:70], clock=lambda: now - DAY / 2)  # all times are equal
    claim_many(attempts[70:])
    seen: list[str] = []
    address = f"/lists/{promo_list.public_id}/claims"
    while address:
        answer = viewer.get(address)
        seen += [one.claim.customer for one in answer.context["claims"]]
        cursor = answer.context["next"]
        assert "cust" not in (cursor or "")
        assert "MANY" not in (cursor or "")
        address = f"/lists/{promo_list.public_id}/claims?before={cursor}" if cursor else ""
    assert sorted(seen) == [f"cust-{i:03}" for i in range(120)]
    assert set(seen[:50]) == {f"cust-{i:03}" for i in range(70, 120)}
    late, early = "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59"
    for cursor in ("x", f"{late}~x", f"{early}~clm_{'0' * 32}", "2026-01-01T00:00:00Z~%00"):
        answer = viewer.get(f"/lists/{promo_list.public_id}/claims?before={cursor}")
        assert answer.status_code == 200


def test_the_row_of_a_pending_batch_asks_again_until_the_batch_is_finished(
    viewer: Client,
) -> None:
    batch = a_pending_batch(a_list(timezone="Asia/Tokyo"), 400)
    address = f"/batches/{batch.public_id}/row"
    assert address in page(viewer, batch.list)
    waiting = viewer.get(address)
    assert "waiting for its turn" in waiting.content.decode()
    assert f'hx-get="{address}' in waiting.content.decode()

    Batch.objects.update(created=100)
    an_hour_ago = (database_now() - timedelta(hours=1)).timestamp()
    half_way = viewer.get(f"{address}?seen=0@{an_hour_ago}").content.decode()
    assert "25%, about 3 h left" in half_way
    assert "25%" in viewer.get(f"{address}?seen=nonsense").content.decode()

    Batch.objects.update(created=400, status=BatchStatus.ACTIVE)
    done = viewer.get(address)
    assert "hx-get" not in done.content.decode()
    assert done["HX-Trigger-After-Settle"] == "batch-finished"
    assert f"{batch.label} is active." in page(viewer, batch.list)


def test_a_failed_batch_says_why_and_can_be_tried_again(manager: Client, viewer: Client) -> None:
    batch = a_pending_batch(a_list(), 4)
    batches.fail(batch, "The disk is full")
    assert "The disk is full" in page(viewer, batch.list)
    assert "Try again" not in page(viewer, batch.list)
    assert "Try again" in page(manager, batch.list)
    answer = manager.post(f"/batches/{batch.public_id}/retry")
    assert answer["Location"] == f"/lists/{batch.list.public_id}"
    assert batches.find(batch.public_id).status == BatchStatus.PENDING


def test_an_alert_that_a_mail_server_refused_shows_on_its_batch(viewer: Client) -> None:
    batch = a_batch(a_list(), 2, notify=["ops@example.com", "late@example.com"])
    ops, late = Mail.objects.order_by("-address")
    mails.refused(ops, "550 No such user")
    mails.not_yet(late, "Connection refused")
    shown = page(viewer, batch.list)
    assert "Alert to ops@example.com refused: 550 No such user" in shown
    assert "Alert to late@example.com is late, it is tried again: Connection refused" in shown
    mails.sent(late)
    assert "late, it is tried again" not in page(viewer, batch.list)


def test_the_batch_log_comes_in_pages(viewer: Client) -> None:
    promo_list = a_list()
    for _ in range(23):
        a_pending_batch(promo_list, 1)
    text = page(viewer, promo_list, "?page=2")
    assert "Batch 3<" in text
    assert "Batch 4<" not in text
    assert "23 batches" in text


def test_the_page_asks_the_database_as_often_for_much_as_for_little(manager: Client) -> None:
    promo_list = a_list(offers=[an_offer().public_id], entry_cap=1000)
    claim(shown_codes(a_batch(promo_list, 1))[0])
    with CaptureQueriesContext(connection) as little:
        page(manager, promo_list)
    for i in range(12):
        claim(shown_codes(a_batch(promo_list, 3))[0], f"cust-{i}")
    with CaptureQueriesContext(connection) as much:
        page(manager, promo_list)
    assert len(much) <= len(little) <= QUERIES
    assert not [q for q in much if "COUNT(" in q["sql"].upper()]


def test_a_qr_code_leads_to_the_shop_where_the_installation_says_so(
    viewer: Client, settings: LazySettings
) -> None:
    address = f"/lists/{a_list(ListType.MULTI_USE, code='Spring Sale').public_id}/qr.png"
    drawn = viewer.get(address).content
    settings.CLAIM_URL = "https://shop.example/redeem?code={code}"
    led = viewer.get(address).content
    assert drawn != led
    squares = io.BytesIO()
    segno.make_qr("https://shop.example/redeem?code=Spring%20Sale").save(squares, "png", scale=24)
    assert led == squares.getvalue()


def test_the_codes_of_a_list_stand_on_pages_of_their_own(viewer: Client) -> None:
    promo_list = a_list()
    assert "No codes yet" in viewer.get(f"/lists/{promo_list.public_id}/codes").content.decode()
    batch = a_batch(promo_list, 130, name="First print")
    made = shown_codes(batch)
    claim(made[0], "cust-42")
    page = f"/lists/{promo_list.public_id}/codes"
    assert f'href="{page}"' in viewer.get(f"/lists/{promo_list.public_id}").content.decode()
    first = viewer.get(page)
    assert len(first.context["rows"]) == 100
    rest = viewer.get(page, {"before": first.context["next"]})
    shown = [one.shown for answer in (first, rest) for one, _ in answer.context["rows"]]
    assert sorted(shown) == sorted(made)
    assert rest.context["next"] is None
    claimed = viewer.get(page, {"status": "claimed", "batch": batch.public_id}).content.decode()
    assert "cust-42" in claimed
    assert made[1] not in claimed
    assert viewer.get(page, {"before": "made up", "batch": "bat_0"}).status_code == 200


def test_the_batch_log_says_in_which_zone_its_times_are(viewer: Client) -> None:
    promo_list = a_list(timezone="Asia/Tokyo")
    some_codes(1, promo_list)
    page = viewer.get(f"/lists/{promo_list.public_id}").content.decode()
    log = page[page.index('id="batch-log"') :]
    assert "Times in Asia/Tokyo (JST)" in log[: log.index("</section>")]


def test_codes_that_nobody_can_claim_any_more_are_not_called_available(viewer: Client) -> None:
    promo_list = a_list(entry_cap=1)
    made = shown_codes(a_batch(promo_list, 3))
    codes_page = f"/lists/{promo_list.public_id}/codes"
    assert "Available</dt>" in page(viewer, promo_list)
    assert "cannot be claimed now" not in viewer.get(codes_page).content.decode()
    claim(made[0])
    assert "but the cap is reached" in page(viewer, promo_list)
    assert "Available codes cannot be claimed now." in viewer.get(codes_page).content.decode()
    PromoList.objects.filter(id=promo_list.id).update(ends_at=database_now())
    text = page(viewer, promo_list)
    assert "Available</dt>" not in text
    assert "Not claimed</dt><dd>2<small>and now nobody can" in text
    assert "Available codes cannot be claimed now." in viewer.get(codes_page).content.decode()
