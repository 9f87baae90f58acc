"""Customers read in their language why a code was refused."""

import httpx
import pytest

from promint.api import languages
from promint.core.rules import Verdict
from promint.core.rules.rules import ListType
from tests import factories
from tests.servers import Server

pytestmark = pytest.mark.same_on_both

USED = Verdict.ALREADY_CLAIMED_BY_CUSTOMER


@pytest.fixture
def used(web: Server) -> str:
    """A code that cust-1 has claimed."""
    factories.a_list(ListType.MULTI_USE, code="SpringSale")
    factories.claim("SpringSale", "cust-1")
    return "SpringSale"


def asked(
    web: Server, path: str, code: str, accepted: str | None, key: str | None = None
) -> httpx.Response:
    headers = {"Accept-Language": accepted, "Idempotency-Key": key}
    sent = {name: value for name, value in headers.items() if value is not None}
    return web.claims.post(path, json={"code": code, "customer": "cust-1"}, headers=sent)


@pytest.mark.parametrize("path", ["/claims", "/validations"])
@pytest.mark.parametrize("language", sorted(languages.SENTENCES))
def test_the_sentence_is_in_the_language_asked_for(
    web: Server, used: str, path: str, language: str
) -> None:
    refused = asked(web, path, used, f"xx, {language}-XX;q=0.9, en;q=0.1")
    assert refused.json()["customer_message"] == languages.SENTENCES[language][USED]
    assert refused.json()["error"] == USED
    assert refused.headers["Content-Language"] == language
    assert refused.headers["Vary"] == "Accept-Language"


def test_without_a_language_that_is_there_it_is_english(web: Server, used: str) -> None:
    for accepted in (None, "sv", "*", "nothing;;q=,"):
        refused = asked(web, "/claims", used, accepted)
        assert refused.json()["customer_message"] == "You have already used this code."
        assert refused.headers["Content-Language"] == "en"


def test_a_lists_own_sentence_is_shown_in_every_language_from_when_it_is_saved(
    web: Server, used: str
) -> None:
    (promo_list,) = web.manage.get("/lists").json()["items"]
    path = f"/lists/{promo_list['id']}/customer-messages"
    assert asked(web, "/claims", used, "de").headers["Content-Language"] == "de"
    own = {USED.value: "You had yours!", "cap_reached": None}
    assert web.manage.put(path, json=own).json()["customer_messages"] == {USED: "You had yours!"}
    for one in ("/claims", "/validations"):
        refused = asked(web, one, used, "de")
        assert refused.json()["customer_message"] == "You had yours!"
        assert "Content-Language" not in refused.headers
    assert web.manage.put(path, json={}).json()["customer_messages"] == {}
    assert asked(web, "/claims", used, "de").headers["Content-Language"] == "de"


def test_a_list_is_created_with_sentences_of_its_own(web: Server) -> None:
    own = {"code_not_active": "Wait for spring."}
    new = {"name": "Spring", "type": "multi_use", "code": "Soon", "outcomes": {"points": 1}}
    times = {"starts_at": "2098-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}
    made = web.manage.post("/lists", json={**new, **times, "customer_messages": own})
    assert made.json()["customer_messages"] == own
    assert asked(web, "/claims", "Soon", "fr").json()["customer_message"] == "Wait for spring."
    assert asked(web, "/claims", "Sooner", "fr").headers["Content-Language"] == "fr"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_not_found": "Not here."},
        {"code_expired": ""},
        {"code_expired": "x" * 201},
        {"code_expired": "two\nlines"},
        {"code_expired": 1},
    ],
)
def test_what_cannot_be_a_sentence_is_refused_by_its_name(
    web: Server, used: str, wrong: dict[str, object]
) -> None:
    (promo_list,) = web.manage.get("/lists").json()["items"]
    refused = web.manage.put(f"/lists/{promo_list['id']}/customer-messages", json=wrong)
    assert refused.status_code == 422
    (field,) = refused.json()["fields"]
    assert field.endswith(min(wrong))


def test_what_has_no_sentence_for_customers_has_no_language(web: Server) -> None:
    factories.a_list(ListType.MULTI_USE, code="SpringSale")
    made = asked(web, "/claims", "SpringSale", "de")
    assert made.status_code == 201
    assert "Content-Language" not in made.headers


def test_an_answer_given_again_is_the_first_and_says_its_language(web: Server, used: str) -> None:
    first = asked(web, "/claims", used, "de", key="order-1")
    again = asked(web, "/claims", used, "fr", key="order-1")
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Content-Language"] == "de"
