"""A customer's id can be any text. Whatever a browser makes of a page's links and forms, they
must lead to the pages of that customer and nowhere else."""

from urllib.parse import urlsplit

import pytest
from django.urls import resolve, reverse

from promint.accounts.roles import Role
from promint.core.claiming import guessing
from promint.core.rules.rules import ListType
from tests.e2e.conftest import Visit
from tests.factories import ACTOR, a_list, claim, some_codes

SHARED = "SharedByAll"
IDS = [
    ".",
    "..",
    "../team/3/deactivate",
    "../../team/3/deactivate",
    "..\\team\\3\\deactivate",
    "%2e%2e/team/3/deactivate",
    "..%2fteam%2f3%2fdeactivate",
    "/team/3/deactivate",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "https://evil.example/",
    "javascript:alert(1)",
    "a?b=c#d",
    "#",
    "?",
    "a/./b/../c",
    "a;b&c=d",
    "%00%0a",
    " a b ",
    '"><base href=//evil.example>',
    "\u202e/../team",
    "日本/../é",
]
# The browser itself resolves each attribute that leads to another page.
LEADS_TO = """
() => [...document.querySelectorAll("[href], [action], [formaction], [hx-get], [hx-post]")].flatMap(
  (element) => ["href", "action", "formaction", "hx-get", "hx-post"]
    .filter((name) => element.hasAttribute(name))
    .map((name) => new URL(element.getAttribute(name), document.baseURI).href)
)
"""


def told(customer: str) -> None:
    """Everything that can happen to a customer: claimed, refused, locked out, let in again."""
    claim(SHARED, customer)
    claim(SHARED, customer)
    for i in range(10):
        claim(f"no such code {i}", customer)


def led_to(page, origin: str) -> tuple[set[str], set[str]]:  # type: ignore[no-untyped-def]
    """The names of the routes, and the customers in their URLs."""
    names, customers = set(), set()
    for address in page.evaluate(LEADS_TO):
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == origin, address
        if parts.path.startswith("/static/"):
            continue
        found = resolve(parts.path)
        names.add(found.url_name)
        if "customer" in found.kwargs:
            customers.add(found.kwargs["customer"])
    return names, customers


PAGES = (
    "customer",
    "customer_claims",
    "customer_refusals",
    "customer_points",
    "claim_for_customer",
    "give_to_customer",
)


def test_every_link_and_form_leads_to_the_customer_it_names(visit: Visit) -> None:
    shared = a_list(ListType.MULTI_USE, code=SHARED)
    page, origin = visit(Role.ADMIN), ""
    routes = []
    for customer in ["cust-1", *IDS]:
        told(customer)
        routes.append([])
        for name in PAGES:
            page.goto(reverse(name, args=[customer]))
            origin = origin or page.evaluate("location.origin")
            names, customers = led_to(page, origin)
            assert customers == {customer}, name
            routes[-1].append(names)
    assert all(each == routes[0] for each in routes)
    for address in ("/customers", reverse("list_claims", args=[shared.public_id])):
        page.goto(address)
        assert led_to(page, origin)[1] == {"cust-1", *IDS}
    for customer in IDS:
        guessing.lift(customer, ACTOR)
    page.goto("/audit")
    assert led_to(page, origin)[1] == set(IDS)


@pytest.mark.parametrize("customer", [".", "..", "../team/3/deactivate", "a?b#c"])
def test_lifting_a_lockout_lifts_that_one(visit: Visit, customer: str) -> None:
    a_list(ListType.MULTI_USE, code=SHARED)
    told(customer)
    page = visit(Role.ADMIN)
    page.goto("/customers")
    page.get_by_role("button", name="Lift").click()
    page.get_by_text("The lockout is lifted.").wait_for()
    assert resolve(urlsplit(page.url).path).kwargs == {"customer": customer}
    assert guessing.locked_until(customer) is None


@pytest.mark.parametrize("customer", IDS)
def test_a_customer_is_found_by_typing_the_id(visit: Visit, customer: str) -> None:
    claim(some_codes(1)[0], customer.strip())
    page = visit(Role.VIEWER)
    page.goto("/customers")
    page.get_by_role("searchbox").fill(customer)
    page.get_by_role("button", name="Find customer").click()
    page.wait_for_url("**/customers/*")
    assert resolve(urlsplit(page.url).path).kwargs == {"customer": customer.strip()}
