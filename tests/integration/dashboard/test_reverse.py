"""A manager takes a claim back: the dialog says what is withdrawn and asks for the reason."""

from django.test import Client
from django.urls import reverse as address_of

from promint.core import codes, customers
from promint.core.models import Customer, Reversal
from promint.core.rules import ListType, Verdict
from tests.factories import a_list, claim, some_codes


def a_claim() -> tuple[str, str]:
    """The id of a claim, and its code."""
    (code,) = some_codes(1, a_list(points=100, tags=["spring"], entry_cap=10))
    made = claim(code, "cust-42").claim
    assert made is not None
    return made.id, code


def test_it_says_what_goes_back_and_asks_why(manager: Client) -> None:
    claim_id, code = a_claim()
    page = f"/claims/{claim_id}/reverse"
    shown = manager.get(page).content.decode()
    assert "100 points, tag spring" in shown
    assert "The balance is then 0" in shown
    assert code in shown
    refused = manager.post(page, {"reason": " ", "code": "stays_used"})
    assert refused.status_code == 422
    assert "Say why the claim is taken back." in refused.content.decode()
    assert not Reversal.objects.exists()
    done = manager.post(page, {"reason": "Order returned", "code": "stays_used"})
    assert done["Location"].startswith("/customers/")
    after = manager.get(done["Location"]).content.decode()
    assert "Taken back" in after
    assert f"/claims/{claim_id}/reverse" not in after
    assert customers.profile("cust-42").points == 0
    assert codes.find(code).status == "claimed"
    assert "It was taken back" in manager.get(page).content.decode()
    told = manager.post("/codes", {"code": code}, follow=True).content.decode()
    assert "<dt>Taken back</dt>" in told
    assert '<li class="now">Claim of' in told


def test_of_a_code_for_everyone_only_the_customer_can_lose_it(manager: Client) -> None:
    a_list(ListType.MULTI_USE, code="Hello")
    made = claim("Hello", "cust-42").claim
    assert made is not None
    page = f"/claims/{made.id}/reverse"
    shown = manager.get(page).content.decode()
    assert "The customer cannot claim it again" in shown
    assert "Nobody can claim it" not in shown
    manager.post(page, {"reason": "Order returned", "code": "stays_used"})
    assert claim("Hello", "cust-42").verdict is not Verdict.CLAIMED
    assert claim("Hello", "cust-43").verdict is Verdict.CLAIMED


def test_the_code_can_be_available_again(manager: Client) -> None:
    claim_id, code = a_claim()
    manager.post(f"/claims/{claim_id}/reverse", {"reason": "Mistake", "code": "available_again"})
    assert codes.find(code).status == "available"
    again = {"reason": "Mistake", "code": "stays_used"}
    late = manager.post(f"/claims/{claim_id}/reverse", again)
    assert late.status_code == 422
    assert "cannot be changed" in late.content.decode()


def test_points_that_are_spent_are_said_to_bring_the_balance_below_zero(manager: Client) -> None:
    claim_id, _ = a_claim()
    Customer.objects.filter(id="cust-42").update(points=40)
    assert "falls below zero" in manager.get(f"/claims/{claim_id}/reverse").content.decode()


def test_the_button_stands_where_the_claim_is_for_managers_alone(
    manager: Client, agent: Client
) -> None:
    claim_id, code = a_claim()
    customer = address_of("customer", args=["cust-42"])
    found = manager.post("/codes", {"code": code})["Location"]
    for page in (customer, found):
        assert f"/claims/{claim_id}/reverse" in manager.get(page).content.decode()
        assert f"/claims/{claim_id}/reverse" not in agent.get(page).content.decode()
    assert agent.get(f"/claims/{claim_id}/reverse").status_code == 403
    assert manager.get("/claims/clm_none/reverse").status_code == 404
