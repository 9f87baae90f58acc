"""Customers: found by id, their history, lockouts lifted, and codes claimed for them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from promint.core import customers
from promint.core.claiming import guessing
from promint.core.codes import handouts
from promint.core.customers import finding
from promint.core.models import AuditEntry, Claim
from promint.core.rules import codewords
from promint.core.rules.rules import ListType, Verdict
from promint.dashboard.customers import history, profile
from promint.dashboard.page.verdict_words import WHY
from tests.factories import ACTOR, a_batch, a_code, a_list, an_offer, claim, some_codes

QUERIES = 24
IN_THREE_DAYS = timedelta(days=3)
ODD_IDS = ["a/b", "a/b/claims", "/x", "50%", "q?x=1", "#7", "Ünï ☃", "a&b<c>", "x" * 255, "a//b"]


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def lock_out(customer: str) -> None:
    for i in range(10):
        claim(f"NOSUCHCODE{i}", customer)
    assert guessing.locked_until(customer)


@pytest.mark.parametrize("customer", ODD_IDS)
def test_any_id_is_found_and_leads_to_its_own_pages(agent: Client, customer: str) -> None:
    claim(a_code(), customer)
    answer = agent.get("/customers", {"customer": f" {customer} "})
    assert answer.status_code == 302
    page = agent.get(answer["Location"])
    assert page.context["customer"] == customer
    assert page.context["counters"].claims == 1
    for part in ("customer_points", "customer_claims", "customer_refusals", "claim_for_customer"):
        assert agent.get(reverse(part, args=[customer])).context["customer"] == customer


def test_an_address_written_by_hand_leads_to_the_customer(viewer: Client) -> None:
    answer = viewer.get("/customers/cust%2F42", follow=True)
    assert answer.context["customer"] == "cust/42"
    assert "cust" not in answer.redirect_chain[-1][0].removeprefix("/customers/")
    assert viewer.get("/customer-claims/cust-42").status_code == 404


def test_what_cannot_be_an_id_is_said_beside_the_box_and_has_no_page(viewer: Client) -> None:
    answer = viewer.get("/customers", {"customer": "a\x00b"})
    assert answer.status_code == 422
    assert "Use no control characters." in answer.content.decode()
    assert viewer.get("/customers", {"customer": "x" * 256}).status_code == 422
    assert viewer.get(f"/customers/{'x' * 256}").status_code == 404
    assert viewer.get("/customers/a%00b").status_code == 404


def test_someone_who_never_claimed_has_a_page_that_says_so(viewer: Client) -> None:
    said = text(viewer, reverse("customer", args=["nobody"]))
    assert "Nobody has claimed or been given anything under this id" in said


def test_someone_who_was_given_a_code_and_has_not_claimed_it_is_known(viewer: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list)
    handouts.hand_out(promo_list.public_id, "guest", ACTOR)
    assert found(viewer, "Gue") == ["guest"]
    assert "Nobody has claimed" not in text(viewer, reverse("customer", args=["guest"]))


def found(client: Client, typed: str) -> list[str]:
    return [one.id for one in client.get("/customers", {"customer": typed}).context["found"]]


def test_customers_are_found_by_a_part_of_their_id_the_exact_one_first(viewer: Client) -> None:
    for customer in ("CUST-4", "cust-42", "cust-4", "shop-cust-4", "50%", "Ünï ☃"):
        claim(a_code(), customer)
    assert found(viewer, "cust-4") == ["cust-4", "CUST-4", "cust-42", "shop-cust-4"]
    assert found(viewer, "Cust-42") == ["cust-42"]
    assert found(viewer, "0%") == ["50%"]
    assert found(viewer, "nÏ") == []
    assert found(viewer, "nï") == ["Ünï ☃"]
    assert "Exactly this id" in text(viewer, "/customers?customer=cust-4")


def test_of_many_customers_the_first_are_shown(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "FOUND_SHOWN", 2)
    monkeypatch.setattr(finding, "INSIDE", 3)
    for customer in ("a-1", "a-2", "a-3", "z-1"):
        claim(a_code(), customer)
    assert found(viewer, "a") == ["a-1", "a-2"]
    assert "The first 2." in text(viewer, "/customers?customer=a")
    assert found(viewer, "-1") == ["a-1"]  # z-1 comes after those that are searched
    assert "among the first 3 by the alphabet" in text(viewer, "/customers?customer=-1")
    assert found(viewer, "z") == ["z-1"]
    monkeypatch.setattr(finding, "INSIDE", 4)
    assert found(viewer, "-1") == ["a-1", "z-1"]
    assert "by the alphabet" not in text(viewer, "/customers?customer=-1")


def test_an_unknown_id_is_said_plainly_and_can_be_opened(viewer: Client) -> None:
    said = text(viewer, "/customers?customer=nobody")
    assert "Nobody has claimed or been given anything under “nobody”." in said
    assert "Open nobody all the same" in said


def test_who_was_only_handed_a_code_is_known(agent: Client) -> None:
    promo_list = a_list()
    a_batch(promo_list, 1)
    handouts.hand_out(promo_list.public_id, "cust-7", ACTOR)
    assert agent.get("/customers", {"customer": "cust-7"}).status_code == 302
    address = reverse("claim_for_customer", args=["cust-7"])
    assert agent.post(address, {"code": a_code()}).status_code == 302


def test_who_claimed_last_is_listed_newest_first(viewer: Client) -> None:
    assert "Nobody has claimed yet." in text(viewer, "/customers")
    for customer in ("cust-1", "cust-2", "cust-1"):
        claim(a_code(), customer)
    recent = viewer.get("/customers").context["recent"]
    assert [one.customer for one in recent] == ["cust-1", "cust-2"]


def test_a_claim_for_an_unknown_id_is_asked_about_once(agent: Client) -> None:
    code = a_code()
    claim(a_code(), "Cust-1")
    address = reverse("claim_for_customer", args=["cust-1"])
    asked = agent.post(address, {"code": code})
    assert not Claim.objects.filter(customer="cust-1").exists()
    assert "under the id “cust-1”. There is “Cust-1”." in asked.content.decode()
    sure = [one.key for one in asked.context["questions"]]
    assert agent.post(address, {"code": code, "sure": sure}).status_code == 302
    assert Claim.objects.filter(customer="cust-1").exists()


def test_the_page_holds_balance_ledger_offers_tags_and_claims_with_refusals(
    viewer: Client,
) -> None:
    offer = an_offer("Free <coffee>")
    promo_list = a_list(name="Spring", points=1500, offers=[offer.public_id], tags=["vip"])
    code, other = some_codes(2, promo_list)
    claim(code, "cust-1")
    claim(other, "cust-2")
    claim(other, "cust-1")
    said = text(viewer, reverse("customer", args=["cust-1"]))
    for part in ("1,500", "+1,500", "Free &lt;coffee&gt;", "vip", code, other, "Spring",
                 "1,500 points, Free &lt;coffee&gt;, tag vip", "Claimed", "Refused",
                 "Already claimed by another customer"):  # fmt: skip
        assert part in said, part


def test_a_refused_code_that_nobody_has_claimed_is_not_spelt_out(viewer: Client) -> None:
    early = some_codes(1, a_list(starts_in=IN_THREE_DAYS))[0]
    assert claim(early, "cust-1").verdict is Verdict.CODE_NOT_ACTIVE
    for address in (
        reverse("customer", args=["cust-1"]),
        reverse("customer_refusals", args=["cust-1"]),
    ):
        said = text(viewer, address)
        assert early not in said
        assert "A code not claimed yet" in said
    a_list(ListType.MULTI_USE, code="SharedByAll", starts_in=IN_THREE_DAYS)
    claim("SharedByAll", "cust-1")
    assert "SharedByAll" in text(viewer, reverse("customer", args=["cust-1"]))


def test_the_history_goes_on_page_by_page(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PER_PAGE", 2)
    for code in some_codes(5):
        claim(code, "cust-1")
    for kind, rows in (("claims", "attempts"), ("points", "entries")):
        seen, address = [], reverse(f"customer_{kind}", args=["cust-1"])
        for size in (2, 2, 1):
            answer = viewer.get(address)
            assert len(answer.context[rows]) == size
            seen += answer.context[rows]
            address = f"{address.partition('?')[0]}?before={answer.context['next']}"
        assert answer.context["next"] is None
        assert len(seen) == len({str(row) for row in seen}) == 5
    assert [entry.balance for entry, _ in seen] == [500, 400, 300, 200, 100]
    assert (
        viewer.get(reverse("customer_claims", args=["cust-1"]) + "?before=clm_unknown").status_code
        == 404
    )


def test_no_code_stands_in_an_address_of_the_history(viewer: Client) -> None:
    code = a_code()
    claim(code, "cust-1")
    for address in (
        reverse("customer", args=["cust-1"]),
        reverse("customer_claims", args=["cust-1"]),
    ):
        for link in text(viewer, address).split('href="')[1:]:
            assert code.replace("-", "") not in link.split('"')[0].replace("-", "")


def test_those_locked_out_are_listed_and_an_agent_lifts_it(agent: Client, viewer: Client) -> None:
    assert "Nobody is locked out" in text(viewer, "/customers")
    lock_out("cust/9")
    assert "Lift" not in text(viewer, "/customers").split("Locked out now")[1].split("scope")[0]
    assert "/lift-lockout/" not in text(viewer, reverse("customer", args=["cust/9"]))
    assert "cust/9" in text(agent, "/customers")
    assert "Locked out until" in text(agent, reverse("customer", args=["cust/9"]))
    assert viewer.post(reverse("lift_lockout", args=["cust/9"])).status_code == 403
    assert guessing.locked_until("cust/9")
    answer = agent.post(reverse("lift_lockout", args=["cust/9"]), follow=True)
    assert "The lockout is lifted." in answer.content.decode()
    assert guessing.locked_until("cust/9") is None
    assert AuditEntry.objects.get(action="lockout.lifted").actor.startswith("staff:agent-")
    again = agent.post(reverse("lift_lockout", args=["cust/9"]), follow=True)
    assert "The lockout was over already." in again.content.decode()


def test_an_agent_claims_a_code_for_a_customer(agent: Client) -> None:
    offer = an_offer("Free coffee")
    code = some_codes(1, a_list(offers=[offer.public_id]))[0]
    claim(a_code(), "cust-1")
    assert "<dialog" in text(agent, reverse("claim_for_customer", args=["cust-1"]))
    answer = agent.post(
        reverse("claim_for_customer", args=["cust-1"]), {"code": code.lower()}, follow=True
    )
    assert answer.context["customer"] == "cust-1"
    assert "Claimed for cust-1: 100 points, Free coffee." in answer.content.decode()
    assert customers.profile("cust-1").points == 200
    entry = AuditEntry.objects.get(action="claim.made_for_customer")
    assert entry.subject == codewords.canonical(code)


def test_a_refusal_says_why_and_what_the_customer_reads(agent: Client) -> None:
    code = a_code()
    claim(code, "cust-2")
    claim(a_code(), "cust-1")
    answer = agent.post(reverse("claim_for_customer", args=["cust-1"]), {"code": code})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "Already claimed by another customer." in said
    assert "This code has already been used." in said
    assert f'value="{code}"' in said
    assert customers.profile("cust-1").claim_count == 1


@pytest.mark.parametrize("code", ["", " ", "x" * 201])
def test_what_is_no_code_to_try_is_said_beside_the_field(agent: Client, code: str) -> None:
    answer = agent.post(reverse("claim_for_customer", args=["cust-1"]), {"code": code})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"code"}
    assert customers.newest_refusals("cust-1", 5) == []


def test_a_viewer_neither_claims_nor_is_offered_it(viewer: Client) -> None:
    code = a_code()
    assert "/claim-for/" not in text(viewer, reverse("customer", args=["cust-1"]))
    assert (
        viewer.post(reverse("claim_for_customer", args=["cust-1"]), {"code": code}).status_code
        == 403
    )
    assert not Claim.objects.exists()


def test_every_refusal_has_words_for_staff() -> None:
    assert WHY.keys() == set(Verdict) - {Verdict.CLAIMED}


def test_a_long_history_costs_no_more_queries_than_a_short_one(viewer: Client) -> None:
    a_list(ListType.MULTI_USE, code="SpringSale")
    for code in ("SpringSale", *(a_code() for _ in range(5))):
        claim(code, "cust-1")
        claim(code, "cust-1")
    names = ("customer", "customer_claims", "customer_points", "customer_refusals")
    addresses = [*(reverse(name, args=["cust-1"]) for name in names), "/customers"]

    def cost() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                viewer.get(address)
            found.append(len(queries))
        return found

    cost()
    few = cost()
    lists = [a_list(name=f"List {i}", tags=[f"tag {i}"]) for i in range(8)]
    for promo_list in lists:
        for code in some_codes(4, promo_list):
            claim(code, "cust-2")
            claim(code, "cust-1")
        for code in some_codes(4, promo_list):
            claim(code, "cust-1")
    lock_out("cust-3")
    cost()
    assert all(now <= before for now, before in zip(cost(), few, strict=True))
    assert max(few) <= QUERIES
