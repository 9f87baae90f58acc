"""An agent gives a customer a code."""

from django.test import Client
from django.urls import reverse

from promint.core import lists
from promint.core.claiming import reversal
from promint.core.models import AuditEntry, Handout, PromoList
from promint.core.rules import HandoutRules, ListType
from tests.factories import ACTOR, a_batch, a_list, claim

PAGE = reverse("give_to_customer", args=["cust-1"])


def marked(per_day: int = 20) -> PromoList:
    """A list of which agents give codes, to customers who have claimed before."""
    a_list(ListType.MULTI_USE, code="Hello")
    for customer in ("cust-1", "cust-2"):
        claim("Hello", customer)
    promo_list = a_list(name="Sorry", handout=HandoutRules(agents_per_day=per_day))
    a_batch(promo_list, 3)
    return promo_list


def test_an_agent_gives_a_code_and_reads_it_large(agent: Client) -> None:
    form = {"list": marked().public_id, "reason": "Cold coffee"}
    assert "20 left today: Sorry" in agent.get(PAGE).content.decode()
    answer = agent.post(PAGE, form, follow=True).content.decode()
    assert "This code is for cust-1." in answer
    assert "Cold coffee" in answer
    handout = Handout.objects.get()
    assert (handout.recipient, handout.reason) == ("cust-1", "Cold coffee")
    assert AuditEntry.objects.get(action="code.handed_out").subject == handout.code
    assert "19 left today: Sorry" in agent.get(PAGE).content.decode()
    agent.post(PAGE, form)
    assert Handout.objects.count() == 1


def test_an_agent_gives_no_more_than_the_list_allows_a_day(agent: Client) -> None:
    form = {"list": marked(1).public_id, "reason": "Cold coffee"}
    assert agent.post(PAGE, form).status_code == 302
    other = reverse("give_to_customer", args=["cust-2"])
    answer = agent.post(other, form)
    assert answer.status_code == 422
    assert "You have handed out 1 of its codes today" in answer.content.decode()
    assert Handout.objects.count() == 1


def test_an_id_that_nobody_knows_is_asked_about_once(agent: Client) -> None:
    form = {"list": marked().public_id, "reason": "Cold coffee"}
    mistyped = reverse("give_to_customer", args=["CUST-1"])
    asked = agent.post(mistyped, form)
    text = asked.content.decode()
    assert "given anything under the id “CUST-1”. There is “cust-1”." in text
    assert "Cold coffee" in text
    assert not Handout.objects.exists()
    sure = [one.key for one in asked.context["questions"]]
    assert agent.post(mistyped, form | {"sure": sure}).status_code == 302
    assert Handout.objects.get().recipient == "CUST-1"


def test_who_had_a_code_already_gets_no_other_and_the_agent_is_told(agent: Client) -> None:
    form = {"list": marked().public_id, "reason": "Cold coffee"}
    agent.post(PAGE, form)
    again = agent.post(PAGE, form, follow=True).content.decode()
    assert "cust-1 had this code already, and gets no other from this list. Read it out" in again
    claim(Handout.objects.get().code, "cust-2")
    used = agent.post(PAGE, form, follow=True).content.decode()
    assert "gets no other from this list. It is claimed: choose another list." in used
    assert "Read it out" not in used


def test_a_code_that_stays_used_is_never_read_out(agent: Client) -> None:
    form = {"list": marked().public_id, "reason": "Cold coffee"}
    agent.post(PAGE, form)
    made = claim(Handout.objects.get().code, "cust-1").claim
    assert made is not None
    reversal.reverse(made.id, "Returned", ACTOR, available_again=False)
    told = agent.post(PAGE, form, follow=True).content.decode()
    assert "It is used: choose another list." in told
    customer = agent.get(reverse("customer", args=["cust-1"])).content.decode()
    assert "claim taken back, the code stays used" in customer


def test_a_form_that_is_sent_again_is_answered_in_the_same_words(agent: Client) -> None:
    form = {"list": marked().public_id, "reason": "Cold coffee"}
    agent.post(PAGE, form)
    claim(Handout.objects.get().code, "cust-2")
    form["sent_once"] = "0" * 32
    for _ in range(2):
        assert (
            "It is claimed: choose another" in agent.post(PAGE, form, follow=True).content.decode()
        )


def test_a_reason_is_needed_and_only_marked_lists_are_offered(agent: Client) -> None:
    assert "No active list is marked" in agent.get(PAGE).content.decode()
    plain, promo_list = a_list(), marked()
    answer = agent.post(PAGE, {"list": plain.public_id, "reason": ""})
    assert answer.status_code == 422
    assert answer.context["giving"].errors.keys() == {"list", "reason"}
    assert agent.post(PAGE, {"list": promo_list.public_id, "reason": " "}).status_code == 422
    assert not Handout.objects.exists()


def test_an_archived_list_is_not_offered_and_gives_nothing(agent: Client) -> None:
    old = marked()
    lists.archive(old.public_id, ACTOR)
    assert "No active list is marked" in agent.get(PAGE).content.decode()
    form = {"list": old.public_id, "reason": "Cold coffee"}
    assert agent.post(PAGE, form).status_code == 422
    assert not Handout.objects.exists()


def test_a_viewer_gives_nothing(viewer: Client) -> None:
    assert viewer.get(PAGE).status_code == 403


def test_the_customers_page_says_what_was_handed_out(agent: Client, viewer: Client) -> None:
    page = reverse("customer", args=["cust-1"])
    assert "No codes so far." in viewer.get(page).content.decode()
    agent.post(PAGE, {"list": marked().public_id, "reason": "Cold coffee"})
    (handout,) = Handout.objects.all()
    said = viewer.get(page).content.decode()
    assert "Sorry</a>" in said
    assert "not claimed yet" in said
    claim(handout.code, "cust-1")
    assert ", claimed</span>" in viewer.get(page).content.decode()
