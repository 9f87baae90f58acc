"""Every date on a page is in one time zone, which the page names, or has its own zone beside it."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from promint.accounts.models import Staff
from promint.accounts.roles import Role
from promint.core.models import PromoList
from tests.e2e import a_company, a_service_desk
from tests.factories import a_list, signed_in

pytestmark = pytest.mark.same_on_both

PERSONS_ZONE = "Asia/Tokyo"  # no list has it
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_ZONE = r"(?P<zone>[A-Z]{3,5}|UTC[+−][0-9:]+)\b"
# A day with or without a time, or a time of day; and the zone, if one follows.
_DATE = re.compile(
    rf"(?:\b(?:{_MONTHS}) \d{{1,2}}, \d{{4}}(?:, \d\d:\d\d)?|\b\d\d:\d\d\b)(?: {_ZONE})?"
)
_LEFT_OUT = re.compile(r"<(svg|script|style|nav|option|template)\b.*?</\1>", re.DOTALL)


def text_of(page: str) -> str:
    """What a person reads in the main part and in a dialog."""
    main = page[page.index('<main class="main"') :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", _LEFT_OUT.sub(" ", main))).split())


def unclear(page: str) -> list[str]:
    """The dates on the page of which it is not said in which zone they are."""
    text = text_of(page)
    named = set(re.findall(r"Times in (\S+)|(in the time zone below)", text))
    own = list(_DATE.finditer(text))
    without = [found.group() for found in own if not found["zone"]]
    if len(named) > 1:
        return sorted(named)
    return without if not named else []


@pytest.fixture
def admin() -> Client:
    client = signed_in(Role.ADMIN)
    Staff.objects.update(time_zone=PERSONS_ZONE)
    return client


def walk(client: Client, addresses: list[str]) -> dict[str, list[str]]:
    found = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        found[address] = unclear(answer.content.decode())
    return {address: dates for address, dates in found.items() if dates}


def test_dates_about_lists_say_their_zone(admin: Client) -> None:
    assert walk(admin, a_company.make().addresses) == {}


def test_dates_for_agents_and_administrators_say_their_zone(admin: Client) -> None:
    assert walk(admin, a_service_desk.make().addresses) == {}


def test_a_name_that_another_list_has_is_told_with_the_day_of_the_pages_zone(admin: Client) -> None:
    PromoList.objects.filter(id=a_list(name="Spring").id).update(
        starts_at=datetime(2026, 1, 31, 20, tzinfo=UTC)  # a day later in the person's zone
    )
    asked = {"do": "preview", "name": "Spring", "timezone": PERSONS_ZONE}
    said = admin.post("/lists/new", asked).content.decode()
    assert "the one that starts on Feb 1, 2026" in said


def test_a_list_that_has_ended_says_when_and_in_which_zone(admin: Client) -> None:
    ended = a_list(timezone="America/New_York")
    ends_at = datetime(2026, 3, 1, 3, tzinfo=UTC)
    started = datetime(2026, 1, 1, tzinfo=UTC)
    PromoList.objects.filter(id=ended.id).update(starts_at=started, ends_at=ends_at)
    said = admin.get(f"/lists/{ended.public_id}").content.decode()
    assert "The list ended on Feb 28, 2026, 22:00 EST." in said


def test_the_walk_finds_a_date_without_a_zone() -> None:
    """Otherwise the tests above could not fail."""
    page = '<main class="main"><p>Ends {}</p></main>'
    assert unclear(page.format("Nov 9, 2026, 18:07")) == ["Nov 9, 2026, 18:07"]
    assert unclear(page.format("Nov 9, 2026, 18:07 EST")) == []
    assert unclear(page.format("Nov 9, 2026. Times in Asia/Tokyo (JST)")) == []
    both = "Nov 9, 2026. Times in Asia/Tokyo (JST). Times in UTC"
    assert len(unclear(page.format(both))) == 2
