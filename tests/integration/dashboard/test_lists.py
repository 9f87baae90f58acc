"""The page of all lists: what it shows, sorts and finds, and how often it queries the database."""

from datetime import datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.accounts.models import Staff
from promint.core import lists
from promint.core.models import PromoList
from promint.core.rules.rules import ListType
from tests.factories import a_batch, a_code, a_list, an_offer, claim, shown_codes

DAY = timedelta(days=1)
QUERIES = 12


def names(client: Client, query: str = "") -> list[str]:
    """The names of the lists, in the order in which the page shows them."""
    answer = client.get(f"/{query}")
    assert answer.status_code == 200
    return [row.list.name for row in answer.context.get("rows", [])]


def test_a_first_run_explains_and_leads_on(manager: Client, viewer: Client) -> None:
    text = manager.get("/").content.decode()
    assert "No promo code lists yet" in text
    for kind in ListType:
        assert f"/lists/new?type={kind.value}" in text
    assert "/lists/new" not in viewer.get("/").content.decode()


def test_a_list_appears_as_soon_as_it_is_created_with_all_that_the_table_says(
    viewer: Client,
) -> None:
    offer = an_offer()
    promo_list = a_list(
        name="Spring <b>", points=1500, offers=[offer.public_id], tags=["vip"], entry_cap=10_000
    )
    batch = a_batch(promo_list, 1200)
    for i, code in enumerate(shown_codes(batch)[:3]):
        claim(code, f"cust-{i}")
    text = viewer.get("/").content.decode()
    for said in (
        "Spring &lt;b&gt;",
        "1,500 points, 1 offer, tag vip",
        "Single use",
        ">3<",
        "10,000",
        "1,200",
        'max="10000" value="3"',
        "&lt;0.1% of the entry cap",
    ):
        assert said in text, said


def test_uncapped_lists_and_lists_without_codes_say_so(viewer: Client) -> None:
    a_list()
    text = viewer.get("/").content.decode()
    assert "No cap" in text
    assert "None yet" in text
    assert "<progress" not in text


def test_a_list_is_found_on_the_page_on_which_it_stands(viewer: Client) -> None:
    made = [a_list(name=f"no {n:02}", starts_in=-n * DAY) for n in range(30)]
    first, last = made[0].public_id, made[-1].public_id
    assert "no 29" in names(viewer, f"?at={last}")
    assert "no 29" not in names(viewer, f"?at={first}")
    assert "no 29" not in names(viewer, f"?at={last}&page=1")
    assert names(viewer, "?at=lst_nothing") == names(viewer)
    crumb = viewer.get(f"/lists/{last}").content.decode()
    assert f'href="/?at={last}#{last}"' in crumb


@pytest.fixture
def three_lists() -> None:
    pending = a_list(name="alpha", starts_in=2 * DAY, ends_in=20 * DAY, entry_cap=5)
    active = a_list(ListType.MULTI_USE, name="Beta", starts_in=-2 * DAY, code="beta1")
    done = a_list(ListType.THIRD_PARTY, name="gamma", starts_in=-9 * DAY, ends_in=-DAY, entry_cap=9)
    claim("beta1")
    a_batch(pending, 4)
    assert len({pending.id, active.id, done.id}) == 3


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["alpha", "Beta", "gamma"]),
        ("type", ["Beta", "alpha", "gamma"]),
        ("status", ["Beta", "alpha", "gamma"]),
        ("starts_at", ["gamma", "Beta", "alpha"]),
        ("ends_at", ["gamma", "alpha", "Beta"]),
        ("code_count", ["gamma", "Beta", "alpha"]),
        ("entry_cap", ["alpha", "gamma", "Beta"]),
    ],
)
@pytest.mark.usefixtures("three_lists")
def test_every_column_sorts_both_ways(viewer: Client, sort: str, expected: list[str]) -> None:
    assert names(viewer, f"?sort={sort}") == expected
    assert names(viewer, f"?sort=-{sort}") == expected[::-1]


@pytest.mark.usefixtures("three_lists")
def test_claims_sort_and_the_newest_start_comes_first_unless_asked(viewer: Client) -> None:
    assert names(viewer, "?sort=-claim_count")[0] == "Beta"
    assert names(viewer) == ["alpha", "Beta", "gamma"]
    assert names(viewer, "?sort=nonsense&page=99&status=odd") == names(viewer)


@pytest.mark.usefixtures("three_lists")
def test_a_column_head_sorts_and_again_reverses(viewer: Client) -> None:
    text = viewer.get("/?sort=claim_count&search=a").content.decode()
    assert 'aria-sort="ascending"' in text
    assert 'href="?sort=-claim_count&amp;search=a"' in text
    assert 'href="?sort=name&amp;search=a"' in text


@pytest.mark.usefixtures("three_lists")
def test_search_finds_by_name_and_type_and_counts_what_it_finds(viewer: Client) -> None:
    assert names(viewer, "?search=GAM") == ["gamma"]
    assert names(viewer, "?search=multi") == ["Beta"]
    assert names(viewer, "?type=third_party") == ["gamma"]
    assert names(viewer, "?status=pending") == ["alpha"]
    assert names(viewer, "?search=%25") == []
    tabs = viewer.get("/?search=a&type=single_use").context["tabs"]
    assert [(label, count) for _, label, count in tabs] == [
        ("All", 1),
        ("Active", 0),
        ("Pending", 1),
        ("Completed", 0),
    ]


@pytest.mark.usefixtures("three_lists")
def test_nothing_found_names_what_was_asked_and_offers_a_way_back(viewer: Client) -> None:
    text = viewer.get("/?search=<zz>").content.decode()
    assert "Nothing matches “&lt;zz&gt;”" in text
    assert "Clear search" in text
    assert viewer.get("/?search=%00").status_code == 200


@pytest.mark.usefixtures("three_lists")
def test_the_address_that_follows_the_search_leaves_out_what_goes_without_saying(
    viewer: Client,
) -> None:
    answer = viewer.get(
        "/?search=a+b&status=&type=&sort=-starts_at", headers={"HX-Request": "true"}
    )
    assert answer["HX-Replace-Url"] == "/?search=a+b"
    answer = viewer.get("/?search=&sort=name", headers={"HX-Request": "true"})
    assert answer["HX-Replace-Url"] == "/?sort=name"


def test_lists_come_in_pages(viewer: Client) -> None:
    for i in range(30):
        a_list(name=f"list {i:02}")
    assert names(viewer, "?sort=name") == [f"list {i:02}" for i in range(25)]
    assert names(viewer, "?sort=name&page=2") == [f"list {i:02}" for i in range(25, 30)]
    assert "26–30 of 30 lists" in viewer.get("/?page=2").content.decode()


def test_a_completed_list_is_active_again_with_a_higher_cap(viewer: Client) -> None:
    promo_list = a_list(ListType.MULTI_USE, code="once", entry_cap=1)
    claim("once")
    assert names(viewer, "?status=completed") == ["Spring"]
    lists.edit(promo_list.public_id, {"entry_cap": 2}, "staff:x")
    assert names(viewer, "?status=active") == ["Spring"]


def test_the_page_asks_the_database_as_often_for_many_lists_as_for_one(viewer: Client) -> None:
    a_list(offers=[an_offer().public_id])
    with CaptureQueriesContext(connection) as one:
        viewer.get("/")
    for i in range(24):
        a_list(name=f"more {i}", offers=[an_offer(f"offer {i}").public_id], tags=["x"])
    with CaptureQueriesContext(connection) as many:
        viewer.get("/")
    assert len(many) <= len(one) <= QUERIES
    assert not [q for q in many if "core_code" in q["sql"] or "core_claim" in q["sql"]]


def test_a_named_code_finds_its_list(viewer: Client) -> None:
    a_list(ListType.MULTI_USE, name="Radio", code="Wake-Up Call")
    assert names(viewer, "?search=wakeupcall") == ["Radio"]
    assert names(viewer, "?search=WAKE+UP+CALL") == ["Radio"]


def test_what_looks_like_a_single_code_leads_to_administer_codes(viewer: Client) -> None:
    code = a_code()
    for typed in (code.lower(), "CUP2345BCDF"):
        said = viewer.get("/", {"search": typed}, headers={"HX-Request": "true"})
        assert "Look the code up" in said.content.decode()
        assert said["HX-Replace-Url"] == "/"  # no URL may contain a code
    assert viewer.post("/codes", {"code": code}, follow=True).context["code"].shown == code
    for typed in ("unicorn", "winter terrace"):
        assert "Look the code up" not in viewer.get("/", {"search": typed}).content.decode()


def test_lists_are_filtered_by_what_a_claim_issues(viewer: Client) -> None:
    offer = an_offer()
    a_list(name="points alone")
    a_list(name="offer alone", points=None, offers=[offer.public_id])
    a_list(name="all", offers=[offer.public_id], tags=["vip"])
    a_list(name="tag alone", points=None, tags=["vip"])
    for outcome, expected in (
        ("points", {"points alone", "all"}),
        ("offers", {"offer alone", "all"}),
        ("tags", {"tag alone", "all"}),
        ("unicorns", {"points alone", "offer alone", "all", "tag alone"}),
    ):
        answer = viewer.get(f"/?outcome={outcome}")
        assert {row.list.name for row in answer.context["rows"]} == expected, outcome
        assert answer.context["paging"].count == len(expected)


def test_lists_are_filtered_by_the_days_on_which_they_run(viewer: Client) -> None:
    """In the person's zone. A list that ends at 00:00 does not run on the day that begins then."""
    Staff.objects.update(time_zone="Asia/Tokyo")
    midnight = datetime(2030, 6, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    for name, begins, ends in (("early", -5, 0), ("late", 0, 5), ("long", -9, 9)):
        new = a_list(name=name)
        starts_at, ends_at = (midnight + timedelta(days=days) for days in (begins, ends))
        PromoList.objects.filter(id=new.id).update(starts_at=starts_at, ends_at=ends_at)

    def found(query: str) -> set[str]:
        return {row.list.name for row in viewer.get(f"/?{query}").context["rows"]}

    assert found("since=2030-06-10&until=2030-06-10") == {"late", "long"}
    assert found("since=2030-06-09&until=2030-06-09") == {"early", "long"}
    assert found("since=2030-06-09&until=2030-06-10") == {"early", "late", "long"}
    assert found("until=2030-06-04") == {"long"}
    assert found("since=2030-06-16") == {"long"}
    assert found("since=nonsense&until=2030-99-99") == {"early", "late", "long"}
    said = viewer.get("/?since=2040-01-01").content.decode()
    assert "No list matches with these filters" in said


def test_filters_are_combined_and_stand_in_the_address(viewer: Client) -> None:
    a_list(name="Summer", tags=["vip"])
    a_list(name="Summer too")
    a_list(ListType.MULTI_USE, name="Summer shared", tags=["vip"])
    query = "search=summer&type=single_use&outcome=tags&status=active&since=2020-01-01&sort=name"
    answer = viewer.get(f"/?{query}", headers={"HX-Request": "true"})
    assert [row.list.name for row in answer.context["rows"]] == ["Summer"]
    assert dict(parse_qsl(answer["HX-Replace-Url"][2:])) == dict(parse_qsl(query))
    said = answer.content.decode()
    assert 'value="2020-01-01"' in said
    assert '<option value="tags" selected>' in said
    tabs = {value: count for value, _, count in answer.context["tabs"]}
    assert (tabs[""], tabs["active"], tabs["pending"]) == (1, 1, 0)


def test_the_breadcrumb_of_a_list_keeps_the_search_without_scripts(manager: Client) -> None:
    page = f"/lists/{a_list().public_id}"
    seen = "http://testserver/?search=Spring&sort=-claim_count"
    crumb = 'href="/?search=Spring&amp;sort=-claim_count#lst_'
    assert crumb in manager.get(page, headers={"Referer": seen}).content.decode()
    strangers = seen.replace("testserver", "elsewhere.example")
    for other in (strangers, "http://testserver/offers?search=Spring", "http://[", ""):
        manager.cookies.pop("way-back")
        text = manager.get(page, headers={"Referer": other}).content.decode()
        assert 'href="/?at=lst_' in text


def test_breadcrumbs_of_deeper_pages_keep_the_search_without_scripts(
    manager: Client, viewer: Client
) -> None:
    promo_list, offer = a_list(), an_offer()
    page = f"/lists/{promo_list.public_id}"
    manager.get(page, headers={"Referer": "http://testserver/?search=Spring"})
    manager.get(f"{page}/codes", headers={"Referer": f"http://testserver{page}?page=2"})
    deepest = {"Referer": f"http://testserver{page}/codes"}
    text = manager.get(f"{page}/edit", headers=deepest).content.decode()
    assert 'href="/?search=Spring#lst_' in text
    assert f'href="{page}?page=2"' in text
    seen = {"Referer": "http://testserver/offers?search=coffee&page=1"}
    manager.get(f"/offers/{offer.public_id}", headers=seen)
    assert "/offers?search=coffee&amp;page=1" in _shown(manager, f"/offers/{offer.public_id}/edit")
    assert 'href="/?search=Spring#lst_' in _shown(manager, page)

    manager.get(page, headers={"Referer": "http://testserver/"})  # the search was cleared
    assert 'href="/?at=lst_' in _shown(manager, f"{page}/edit")
    manager.get(page, headers={"Referer": "http://testserver/?search=Spring"})
    viewer.cookies["way-back"] = manager.cookies["way-back"].value  # it is the same browser
    assert 'href="/?at=lst_' in _shown(viewer, f"{page}/codes")


def test_a_way_back_of_any_length_is_no_error(manager: Client) -> None:
    page = f"/lists/{a_list().public_id}"
    for length in (10, 5_000):
        seen = {"Referer": f"http://testserver/?search={'x' * length}"}
        assert manager.get(page, headers=seen).status_code == 200
    assert "search=xxxxxxxxxx#" in _shown(manager, page)
    manager.cookies["way-back"] = "whose=%00&&=;"
    assert 'href="/?at=lst_' in _shown(manager, page)


def _shown(client: Client, page: str) -> str:
    return client.get(page).content.decode()
