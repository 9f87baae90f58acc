"""A form that is older than a change of somebody else: the change is shown and not overwritten. On
every page that edits what others may edit too."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from promint.core import lists
from promint.core.events import endpoints
from promint.core.lists import offers
from promint.core.rules import Event
from tests.factories import ACTOR, a_list, an_offer

OTHER = "console:other"


@dataclass(frozen=True)
class Case:
    """A form at `address`, shown on `page`, in which `field` is changed by two people."""

    page: str
    address: str
    change_by_other: Callable[[], object]
    mine: dict[str, Any]
    field: str
    now: Callable[[], object]
    theirs: object
    thing: str
    said: str
    rival: dict[str, Any]  # another value of the field than mine, of a third person


def an_offer_form() -> Case:
    offer = an_offer("Coffee", "Any size")
    address = f"/offers/{offer.public_id}/edit"
    return Case(
        address,
        address,
        lambda: offers.change(offer.public_id, {"name": "Theirs"}, OTHER),
        {"name": "Mine", "description": "Any size"},
        "name",
        lambda: offers.find(offer.public_id).name,
        "Theirs",
        "the offer",
        "wrote <b>Theirs</b>",
        {"name": "Rival"},
    )


def a_webhook_form() -> Case:
    webhook, _ = endpoints.create("https://shop.example/a", [Event.CLAIM_CREATED], ACTOR)
    address = f"/webhooks/{webhook.public_id}/edit"
    return Case(
        address,
        address,
        lambda: endpoints.change(webhook.public_id, {"events": [Event.BATCH_ACTIVE]}, OTHER),
        {"url": "https://shop.example/a", "events": [Event.CODE_CANCELLED]},
        "events",
        lambda: endpoints.find(webhook.public_id).events,
        ["batch.active"],
        "the endpoint",
        "wrote <b>A batch is ready</b>",
        {"events": [Event.BATCH_FAILED]},
    )


def a_form_of_sentences() -> Case:
    promo_list = a_list()
    page = f"/lists/{promo_list.public_id}"
    return Case(
        f"{page}/edit",
        f"{page}/messages",
        lambda: lists.set_customer_messages(promo_list.public_id, {"code_expired": "Over"}, OTHER),
        {"code_expired": "Mine"},
        "code_expired",
        lambda: lists.find(promo_list.public_id).customer_messages,
        {"code_expired": "Over"},
        "the list",
        "wrote <b>Over</b>",
        {"code_expired": "Rival"},
    )


def a_form_of_warnings() -> Case:
    promo_list = a_list()
    page = f"/lists/{promo_list.public_id}"
    return Case(
        f"{page}/edit",
        f"{page}/warnings",
        lambda: lists.set_warnings(promo_list.public_id, ACTOR, ["cap_near"], OTHER),
        {"owner": ACTOR, "wanted": ["cap_near"]},
        "wanted",
        lambda: lists.find(promo_list.public_id).muted,
        ["cap_near"],
        "the list",
        "wrote <b>The cap is reached, ",
        {"wanted": ["low_stock"]},
    )


FORMS = [an_offer_form, a_webhook_form, a_form_of_sentences, a_form_of_warnings]


def shown_at_first(client: Client, case: Case) -> dict[str, str]:
    """The hidden fields of the page."""
    text = client.get(case.page).content.decode()
    found = re.findall(r'<input type="hidden" name="(initial-[a-z_]+)" value="([^"]*)"', text)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize("make", FORMS)
def test_an_older_form_overwrites_nothing_and_shows_both(
    admin: Client, make: Callable[[], Case]
) -> None:
    case = make()
    first = shown_at_first(admin, case)
    case.change_by_other()
    page = admin.post(case.address, {**case.mine, **first}).content.decode()
    assert f"Nothing is saved yet: {case.thing} was changed meanwhile" in page
    assert case.said in page
    assert case.now() == case.theirs


@pytest.mark.parametrize("make", FORMS)
def test_mine_can_be_kept_and_then_saved(admin: Client, make: Callable[[], Case]) -> None:
    case = make()
    first = shown_at_first(admin, case)
    case.change_by_other()
    kept = admin.post(case.address, {**case.mine, **first, "keep": case.field})
    text = kept.content.decode()
    assert "changed meanwhile" not in text
    assert text.count("Not saved yet: look at what stands here now") == 1
    assert case.now() == case.theirs
    found = re.findall(r'<input type="hidden" name="(initial-[a-z_]+)" value="([^"]*)"', text)
    again = {name: html.unescape(value) for name, value in found}
    assert admin.post(case.address, {**case.mine, **again}).status_code == 302
    assert case.now() != case.theirs


@pytest.mark.parametrize("make", FORMS)
def test_theirs_can_be_taken(admin: Client, make: Callable[[], Case]) -> None:
    case = make()
    first = shown_at_first(admin, case)
    case.change_by_other()
    taken = admin.post(case.address, {**case.mine, **first, "take": case.field})
    assert taken.status_code == 200
    assert "changed meanwhile" not in taken.content.decode()
    assert "Not saved yet: look at what stands here now" in taken.content.decode()
    assert case.now() == case.theirs


def test_what_i_did_not_touch_is_shown_as_it_is_now(admin: Client) -> None:
    offer = an_offer("Coffee", "Any size")
    address = f"/offers/{offer.public_id}/edit"
    first = {"initial-name": "Coffee", "initial-description": "Any size"}
    offers.change(offer.public_id, {"name": "Theirs", "description": "Large"}, OTHER)
    shown = admin.post(address, {"name": "Mine", "description": "Any size", **first})
    form = shown.context["form"]
    assert (form["name"].value(), form["description"].value()) == ("Mine", "Large")
    kept = {"initial-name": "Theirs", "initial-description": "Large"}
    admin.post(address, {"name": "Mine", "description": "Large", **kept})
    saved = offers.search("").get()
    assert (saved.name, saved.description) == ("Mine", "Large")


def test_changes_of_different_fields_are_both_kept(admin: Client) -> None:
    case = an_offer_form()
    first = shown_at_first(admin, case)
    case.change_by_other()
    mine = {"name": "Coffee", "description": "Large only"}
    assert admin.post(case.address, {**mine, **first}).status_code == 302
    offer = offers.search("").get()
    assert (offer.name, offer.description) == ("Theirs", "Large only")
