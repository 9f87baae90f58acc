"""The form that creates a list: what it makes, what it says, and that nothing that was typed is
lost."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from promint.core import lists
from promint.core.lists import facts_of
from promint.core.models import Offer, PromoList
from promint.core.rules import HandoutRules
from promint.core.rules.rules import ListType
from promint.environment import PointValue
from tests.factories import a_list, an_offer

TYPED: dict[str, Any] = {
    "name": "Spring service",
    "type": "single_use",
    "start_date": "2026-11-01",
    "start_time": "08:00",
    "end_date": "2026-12-01",
    "end_time": "23:59",
    "timezone": "Europe/Paris",
    "points": "1,000",
    "capping": "yes",
    "cap": "25,000",
    "code_length": "12",
}


def created(client: Client, **typed: Any) -> PromoList:
    answer = client.post("/lists/new", TYPED | typed)
    assert answer.status_code == 302, errors(answer)
    address = urlsplit(answer["Location"])
    return lists.find(address.path.removeprefix("/lists/"))


def errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def refused(client: Client, **typed: Any) -> dict[str, list[str]]:
    """The errors beside the fields. Checks that nothing was created and everything typed is
    still there."""
    answer = client.post("/lists/new", TYPED | typed)
    assert answer.status_code == 200
    assert not PromoList.objects.filter(name=TYPED["name"]).exists()
    text = answer.content.decode()
    assert 'value="2026-11-01"' in text or typed.get("start_date") is not None
    assert 'role="alert"' in text
    return errors(answer)


def test_how_codes_are_handed_out_is_chosen_and_shown(manager: Client) -> None:
    typed = {"bound": "on", "per_recipient": "2", "valid_days": "14", "agents_per_day": "20"}
    made = created(manager, **typed)
    assert facts_of([made.id])[made.id].handout == HandoutRules(True, 2, 14, 20)
    shown = manager.get(f"/lists/{made.public_id}").content.decode()
    for words in ("Up to 2 codes a person", "Ends 14 days after", "Each agent: 20 codes a day"):
        assert words in shown
    plain = created(manager, name="Plain", **dict.fromkeys(typed, ""))
    assert facts_of([plain.id])[plain.id].handout == HandoutRules()
    assert "Whoever has a code can claim it" in (
        manager.get(f"/lists/{plain.public_id}").content.decode()
    )


def test_what_is_wrong_with_handing_out_is_said_but_not_where_it_is_not_used(
    manager: Client,
) -> None:
    wrong = {"per_recipient": "0", "valid_days": "9,999", "agents_per_day": "many"}
    assert refused(manager, **wrong).keys() == wrong.keys()
    shared = created(manager, type="multi_use", code="Handy", name="Shared", **wrong)
    assert facts_of([shared.id])[shared.id].handout == HandoutRules()


def test_a_single_use_list_is_made_as_typed(manager: Client) -> None:
    offer = an_offer()
    made = created(
        manager,
        code_prefix="spr",
        code_length="16",
        offers=[offer.public_id],
        tags="spring, vip ,,spring",
    )
    assert made.type == ListType.SINGLE_USE
    assert made.starts_at == datetime(2026, 11, 1, 7, 0, tzinfo=UTC)
    assert made.ends_at == datetime(2026, 12, 1, 22, 59, tzinfo=UTC)
    assert (made.timezone, made.points, made.counter.entry_cap) == ("Europe/Paris", 1000, 25_000)
    assert (made.code_prefix, made.code_length) == ("SPR", 16)
    assert made.tags == ["spring", "vip"]
    assert list(made.offers.all()) == [offer]


def test_a_multi_use_list_keeps_its_code_and_forgets_fields_of_other_types(
    manager: Client,
) -> None:
    made = created(
        manager, type="multi_use", code="Spring Sale", capping="no", cap="12", code_prefix="SPR"
    )
    assert made.named_code == "Spring Sale"
    assert made.counter.entry_cap is None
    assert made.code_prefix == ""


def test_what_other_types_need_is_not_looked_at(manager: Client) -> None:
    nonsense = {"code": "x" * 300, "code_prefix": "p" * 40, "code_length": "none"}
    made = created(manager, type="third_party", capping="no", **(nonsense | {"cap": "many"}))
    assert (made.named_code, made.code_prefix, made.counter.entry_cap) == (None, "", None)


def test_a_3rd_party_list_leads_straight_to_the_upload(manager: Client) -> None:
    answer = manager.post("/lists/new", TYPED | {"type": "third_party"})
    assert answer["Location"].endswith("#upload")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": " "}, "name", "Give the list a name."),
        ({"type": "multi_use", "code": ""}, "code", "Choose the code that customers will type."),
        ({"type": "multi_use", "code": "ab"}, "code", "Use 3 to 64"),
        ({"cap": ""}, "cap", "or choose not to cap"),
        ({"cap": "many"}, "cap", "Write 1,000 or 1000"),
        ({"cap": "0"}, "cap", "from 1 to"),
        ({"points": ""}, "points", "a claim must issue something"),
        ({"points": "2,000,000,000"}, "points", "from 1 to 1,000,000,000"),
        ({"end_date": "2026-10-01"}, "end_date", "after the start"),
        ({"start_date": ""}, "start_date", "Choose a day."),
        ({"end_time": "25:99"}, "end_time", "Enter a time"),
        ({"timezone": "Mars/Olympus"}, "timezone", "Choose a time zone of the list"),
        ({"tags": "x" * 65}, "tags", "64"),
        ({"offers": ["off_0000000000000"]}, "offers", "There is no offer"),
        ({"code_prefix": "S-P"}, "code_prefix", "A–Z"),
        ({"start_date": "2027-03-28", "start_time": "02:30", "end_date": "2027-04-28"},
         "start_time", "Clocks go forward"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(
    manager: Client, typed: dict[str, Any], field: str, said: str
) -> None:
    found = refused(manager, **typed)
    assert set(found) == {field}
    assert said in found[field][0]


def test_all_that_is_wrong_is_said_at_once_with_links_to_the_fields(manager: Client) -> None:
    answer = manager.post("/lists/new", TYPED | {"name": "", "cap": "x", "end_date": ""})
    text = answer.content.decode()
    assert "3 fields need a change" in text
    for field in ("id_name", "id_cap", "id_end_date"):
        assert f'href="#{field}"' in text
        assert f'id="{field}_error"' in text
    assert 'aria-invalid="true"' in text


def test_what_cannot_be_read_hides_nothing_else_that_is_wrong(manager: Client) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    found = refused(
        manager,
        name="",
        type="multi_use",
        code="springsale",
        end_date="2026-10-01",
        points="",
        cap="1.000",
        timezone="Mars/Olympus",
    )
    assert set(found) == {"name", "code", "end_date", "points", "cap", "timezone"}
    assert "after the start" in found["end_date"][0]
    assert "a claim must issue something" in found["points"][0]
    assert "1.000 could mean 1 or 1,000" in found["cap"][0]
    found = refused(manager, points="many", start_date="soon", offers=["off_0000000000000"])
    assert set(found) == {"points", "start_date", "offers"}
    assert set(refused(manager, name="", type="")) == {"name", "type"}


def test_an_end_on_a_day_before_the_start_is_found_without_the_times(manager: Client) -> None:
    wrong = {"start_time": "", "end_time": "soon", "end_date": "2026-10-01"}
    found = refused(manager, **wrong)
    assert set(found) == {"start_time", "end_time", "end_date"}
    assert "after the start" in found["end_date"][0]
    same_day = wrong | {"end_date": "2026-11-01"}
    assert set(refused(manager, **same_day)) == {"start_time", "end_time"}


def test_a_code_that_exists_is_said_beside_the_code(manager: Client) -> None:
    holder = a_list(ListType.MULTI_USE, code="SpringSale")
    found = refused(manager, type="multi_use", code="spring-sale")
    where = f"The list {holder.name} ({holder.public_id}) has it."
    assert found == {"code": [f"This code exists already. {where}"]}


def preview(client: Client, **typed: Any) -> str:
    answer = client.post("/lists/new", TYPED | typed | {"do": "preview"})
    assert answer.status_code == 200
    assert not PromoList.objects.filter(name=TYPED["name"]).exists()
    return answer.content.decode()


def test_the_liability_is_worked_out_while_typing(manager: Client) -> None:
    assert "25,000,000 points" in preview(manager)
    assert "1,000 points × 25,000 claims" in preview(manager)
    assert "No limit" in preview(manager, capping="no")
    assert "Enter both to see it" in preview(manager, cap="")
    offer = an_offer("Free mug")
    assert "25,000 × Free mug" in preview(manager, offers=[offer.public_id], points="")
    most = preview(manager, points="1000000000", cap="1000000000000").replace("<wbr>", "")
    assert "1,000,000,000,000,000,000,000 points" in most


@pytest.mark.parametrize("points", ["1.000", "1e6", "1000.5", "-3", "many"])
def test_a_number_that_cannot_be_read_is_never_zero(manager: Client, points: str) -> None:
    shown = preview(manager, points=points)
    assert "The points cannot be read." in shown
    assert "0 points ×" not in shown
    assert "The cap cannot be read." in preview(manager, cap=points)


def test_a_list_that_issues_offers_alone_shows_what_it_can_cost_in_offers(manager: Client) -> None:
    offer = an_offer("Free mug")
    chosen = {"offers": [offer.public_id], "points": ""}
    assert "<output>25,000 × Free mug</output>" in preview(manager, **chosen)
    assert "Enter the cap to see it." in preview(manager, cap="", **chosen)
    made = created(manager, **chosen)
    summary = manager.get(f"/lists/{made.public_id}").content.decode()
    assert "25,000 × Free mug at most" in summary


def test_money_is_shown_only_where_the_value_of_a_point_is_set(
    manager: Client, settings: Any
) -> None:
    assert "worth $" not in preview(manager)
    settings.POINT_VALUE = PointValue(Decimal("0.01"), "USD")
    assert "worth $250,000" in preview(manager)
    assert "worth $10.00" in preview(manager)


def test_a_code_is_checked_for_being_free_while_typing(manager: Client) -> None:
    assert "springsale is free." in preview(manager, type="multi_use", code="springsale")
    a_list(ListType.MULTI_USE, code="SpringSale")
    a_list(ListType.MULTI_USE, code="SpringSale2")
    said = preview(manager, type="multi_use", code="springsale")
    assert "springsale exists already. springsale3 is free." in said
    assert "exists already" not in preview(manager, type="single_use", code="springsale")


def test_the_code_format_shows_a_sample_the_room_and_the_odds(manager: Client) -> None:
    text = preview(manager, code_prefix="SPR", code_length="8")
    assert "SPR-7KXM-" in text
    assert "7 random characters" in text
    shown, behind_details = text.split("<summary>Details")
    assert "13,492 codes" in shown
    assert "bits" not in shown
    assert "34 bits" in behind_details
    assert "Odds of a guess" not in preview(manager, code_prefix="ÄÖ")


def test_offers_can_be_found_and_made_on_the_spot(manager: Client) -> None:
    for name in ("Coffee", "Umbrella", "Mug"):
        an_offer(name)
    chosen = Offer.objects.get(name="Mug")
    typed = TYPED | {"offers": [chosen.public_id]}
    text = manager.post(
        "/lists/new", typed | {"do": "find-offers", "offer_search": "cof"}
    ).content.decode()
    assert "Coffee" in text
    assert "Mug" in text  # because it is chosen
    assert "Umbrella" not in text

    answer = manager.post("/lists/new", typed | {"do": "add-offer", "new_offer": "Cookie"})
    cookie = Offer.objects.get(name="Cookie")
    assert answer.context["form"]["offers"].value() == [chosen.public_id, cookie.public_id]
    assert 'value="Spring service"' in answer.content.decode()

    answer = manager.post("/lists/new", typed | {"do": "add-offer", "new_offer": ""})
    assert "Give the offer a name." in answer.content.decode()


def test_an_offer_that_is_typed_but_not_added_is_not_forgotten(manager: Client) -> None:
    answer = manager.post("/lists/new", TYPED | {"new_offer": "Free walk", "cap": "x"})
    assert set(answer.context["form"].errors) == {"offers", "cap"}
    page = answer.content.decode()
    assert "A new offer is typed, but not added" in page
    assert 'id="new-offer" value="Free walk"' in page
    added = manager.post("/lists/new", TYPED | {"new_offer": "Free walk", "do": "add-offer"})
    chosen = added.context["form"]["offers"].value()
    assert manager.post("/lists/new", TYPED | {"offers": chosen}).status_code == 302
    assert PromoList.objects.get(name=TYPED["name"]).offers.get().name == "Free walk"


def test_the_form_starts_now_in_the_zone_of_the_installation_for_a_month(
    manager: Client, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    answer = manager.get("/lists/new?type=multi_use")
    first = answer.context["form"].initial
    assert first["timezone"] == "Asia/Tokyo"
    assert first["type"] == "multi_use"
    assert (first["end_date"] - first["start_date"]).days == 31
    assert first["end_time"] == time()
    assert manager.get("/lists/new?type=x").context["form"].initial["type"] == "single_use"


def test_the_form_starts_in_the_zone_of_the_person(manager: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    manager.post("/profile", {"name": "Ines", "time_zone": "Pacific/Kiritimati"})
    first = manager.get("/lists/new").context["form"].initial
    assert first["timezone"] == "Pacific/Kiritimati"
    there = timezone.localtime(timezone=ZoneInfo("Pacific/Kiritimati"))
    begins = datetime.combine(first["start_date"], first["start_time"], there.tzinfo)
    assert timedelta() <= there - begins < timedelta(minutes=2)


def test_many_offers_cost_no_more_queries(manager: Client) -> None:
    an_offer()
    with CaptureQueriesContext(connection) as few:
        manager.get("/lists/new")
    for i in range(60):
        an_offer(f"offer {i}")
    with CaptureQueriesContext(connection) as many:
        answer = manager.get("/lists/new")
    assert len(many) <= len(few) <= 8
    assert answer.content.decode().count('name="offers"') == 12


def test_the_end_of_a_day_is_midnight_of_the_next_and_shown_as_such(manager: Client) -> None:
    shown = manager.post("/lists/new", TYPED | {"do": "preview", "end_time": "23:59"})
    assert "leaves out the last minute" in shown.content.decode()
    whole = manager.post("/lists/new", TYPED | {"do": "end-of-day", "end_date": "2026-12-31"})
    page = whole.content.decode()
    assert 'value="2027-01-01"' in page
    assert page.count(" autofocus") == 1, "the button is gone: focus goes on with the end"
    assert "Codes can be claimed until the end of Dec 31, 2026." in page
    assert page.count('id="end-note"') == 1
    assert "Until the end of this day" not in page
    unread = manager.post("/lists/new", TYPED | {"do": "end-of-day", "end_date": ""})
    assert unread.status_code == 200
