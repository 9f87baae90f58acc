"""The form with the sentences that customers read when a code of a list is refused."""

from django.test import Client

from promint.core import codes, lists
from promint.core.models import AuditEntry, PromoList
from tests import factories

OWN = {"code_expired": "Spring is over."}


def edited(client: Client, promo_list: PromoList, **typed: str) -> str:
    page = client.post(f"/lists/{promo_list.public_id}/messages", typed, follow=True)
    return page.content.decode()


def test_sentences_are_saved_shown_and_taken_away_again(manager: Client) -> None:
    promo_list = factories.a_list()
    assert "The sentences are saved." in edited(
        manager, promo_list, code_expired=" Spring is over. "
    )
    assert lists.find(promo_list.public_id).customer_messages == OWN
    page = manager.get(f"/lists/{promo_list.public_id}/edit").content.decode()
    assert 'value="Spring is over."' in page
    assert 'placeholder="This code is no longer valid."' in page
    edited(manager, promo_list, code_expired="", code_cancelled=" ")
    assert lists.find(promo_list.public_id).customer_messages == {}
    entries = AuditEntry.objects.filter(action="list.messages_changed").order_by("created_at")
    assert [(one.before, one.after) for one in entries] == [({}, OWN), (OWN, {})]


def test_what_is_wrong_is_said_at_the_field_and_kept_in_the_form(manager: Client) -> None:
    promo_list = factories.a_list()
    page = edited(manager, promo_list, cap_reached="All\u202egone.")
    assert "Leave out the invisible character U+202E." in page
    assert "gone." in page
    assert lists.find(promo_list.public_id).customer_messages == {}


def test_a_copy_has_the_sentences_too(manager: Client) -> None:
    promo_list = factories.a_list()
    lists.set_customer_messages(promo_list.public_id, OWN, "test")
    address = f"/lists/{promo_list.public_id}/copy"
    form = manager.get(address).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed |= {"name": "Summer", "start_date": "2098-01-01", "end_date": "2099-01-01"}
    manager.post(address, {name: value for name, value in typed.items() if value is not None})
    assert PromoList.objects.get(name="Summer").customer_messages == OWN


def test_the_pages_tell_what_customers_will_read(manager: Client) -> None:
    promo_list = factories.a_list()
    (code, *_) = factories.shown_codes(factories.a_batch(promo_list))
    own = {"code_expired": "Spring is over.", "code_cancelled": "Withdrawn."}
    lists.set_customer_messages(promo_list.public_id, own, factories.ACTOR)
    assert "Spring is over." in manager.get(f"/lists/{promo_list.public_id}/end").content.decode()
    found = manager.post("/codes", {"code": code}, follow=True)
    cancelling = manager.get(found.context["cancel_address"]).content.decode()
    assert "A customer who enters it will read: “Withdrawn.”" in cancelling
    codes.cancel(code, "", factories.ACTOR)
    sent = {"customer": "c-1", "sent_once": "0" * 32}
    asked = manager.post(found.context["claim_address"], sent)
    sent["sure"] = asked.context["questions"][0].key
    refused = manager.post(found.context["claim_address"], sent)
    assert "The customer reads: “Withdrawn.”" in refused.content.decode()
