"""Several codes pasted into Administer codes are looked up together."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.core import codes
from promint.core.models import PromoList
from promint.core.rules import ListType
from promint.core.storage import database_now
from promint.dashboard.codes.several import MOST
from tests.factories import ACTOR, a_batch, a_list, claim, shown_codes


def test_each_has_a_row_with_its_status_list_and_customer(agent: Client) -> None:
    claimed, cancelled, free = shown_codes(a_batch(a_list(name="Printed cards"), 3))
    claim(claimed, "cust-42")
    codes.cancel(cancelled, "lost", ACTOR)
    a_list(ListType.MULTI_USE, code="Spring Sale")
    for n in range(3):
        claim("springsale", f"cust-{n}")
    pasted = f"{claimed.lower()}\r\n{cancelled}\t{free};spring sale\n\nNOPE-1, {free}"
    answer = agent.post("/codes", {"codes": pasted})
    rows = answer.context["rows"]
    assert [row.state and row.state.status for row in rows] == [
        "claimed",
        "cancelled",
        "available",
        "available",
        None,
    ]
    page = answer.content.decode()
    assert "cust-42" in page
    assert page.count("3 claims") == page.count("3 customers") == 1
    assert page.count("Nobody") == 3
    assert "Printed cards" in page
    assert "Unknown" in page
    assert "5 codes, each once" in page
    assert claimed not in answer.request["PATH_INFO"]
    assert all(agent.get(row.page).status_code == 200 for row in rows)


@pytest.mark.parametrize("between", [" ", ", ", ";", "  "])
def test_codes_in_one_line_of_the_search_are_looked_up_together(
    viewer: Client, between: str
) -> None:
    first, second, third = shown_codes(a_batch(a_list(), 3))
    answer = viewer.post("/codes", {"code": between.join([first, second, third])})
    assert [row.state and row.state.shown for row in answer.context["rows"]] == [
        first,
        second,
        third,
    ]


def test_a_code_in_two_spellings_is_one(viewer: Client) -> None:
    (code,) = shown_codes(a_batch(a_list(), 1))
    pasted = f"{code}\n{' '.join(code.lower())}\nNOPE-1\nnope 1"
    answer = viewer.post("/codes", {"codes": pasted})
    assert len(answer.context["rows"]) == 2
    assert "2 codes, each once" in answer.content.decode()


def test_a_single_code_may_have_spaces_in_the_search(viewer: Client) -> None:
    (code,) = shown_codes(a_batch(a_list(), 1))
    a_list(ListType.MULTI_USE, code="Spring Sale")
    for typed in (" ".join(code), "spring sale", "no such code"):
        assert viewer.post("/codes", {"code": typed}).status_code == 302


@pytest.mark.parametrize(
    ("pasted", "said"),
    [(" \n", "one on each line"), ("\n".join(map(str, range(MOST + 1))), "at most 500 at a time")],
)
def test_too_many_or_none_is_said_and_what_was_pasted_stays(
    viewer: Client, pasted: str, said: str
) -> None:
    answer = viewer.post("/codes", {"codes": pasted})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert pasted.strip()[-3:] in answer.content.decode()


def test_many_codes_cost_no_more_queries(viewer: Client) -> None:
    made = shown_codes(a_batch(a_list(), 60))
    viewer.post("/codes", {"codes": made[0]})
    with CaptureQueriesContext(connection) as few:
        viewer.post("/codes", {"codes": made[0]})
    with CaptureQueriesContext(connection) as many:
        viewer.post("/codes", {"codes": "\n".join(made)})
    assert len(many) == len(few)


def test_an_available_code_that_nobody_can_claim_now_says_why(agent: Client) -> None:
    good, early, late = a_list(), a_list(starts_in=timedelta(days=1)), a_list(name="Over")
    made = [shown_codes(a_batch(one, 1))[0] for one in (good, early, late)]
    PromoList.objects.filter(id=late.id).update(ends_at=database_now())
    answer = agent.post("/codes", {"codes": "\n".join(made)})
    said = [row.why_not for row in answer.context["rows"]]
    assert said[0] == ""
    assert said[1] == "It cannot be claimed yet: the list has not started."
    assert said[2].startswith("It cannot be claimed now. The list ended on ")
    assert all(one in answer.content.decode() for one in said)


def test_quotation_marks_that_were_copied_with_a_code_are_no_part_of_it(agent: Client) -> None:
    one, two = shown_codes(a_batch(a_list(), 2))
    rows = agent.post("/codes", {"codes": f'"{one}","{two}"\r\n“{one}”'}).context["rows"]
    assert [row.typed for row in rows] == [one, two]
    found = agent.post("/codes", {"code": f' "{one}" '}, follow=True)
    assert found.context["code"].shown == one
