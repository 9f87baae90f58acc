"""Warnings to the owner of a list: on the pages, and by mail, one a day for all their lists."""

from datetime import timedelta
from email.message import EmailMessage

from django.conf import LazySettings
from django.test import Client

from promint.accounts import list_warnings, mails, staff
from promint.accounts.models import AccountMail, Staff
from promint.accounts.roles import Role
from promint.core import lists
from promint.core.models import AuditEntry, PromoList
from promint.core.rules.rules import ListType
from promint.core.storage.clock import database_now
from promint.worker.mail.account import compose
from promint.worker.mail.sending import Mails
from tests.bulk import in_bulk
from tests.factories import ACTOR, a_batch, a_list, a_member, claim, shown_codes, signed_in
from tests.mail_server import Inbox, serving
from tests.servers import wait_until


def owned(promo_list: PromoList, owner: Staff, *muted: str) -> PromoList:
    lists.set_warnings(promo_list.public_id, owner.actor, muted, ACTOR)
    return promo_list


def capped(name: str, owner: Staff, *muted: str) -> PromoList:
    promo_list = a_list(ListType.MULTI_USE, name=name, entry_cap=5, code=name)
    for number in range(4):
        claim(name, f"cust-{number}")
    return owned(promo_list, owner, *muted)


def a_day_later() -> None:
    AccountMail.objects.update(created_at=database_now() - list_warnings.EVERY)


def received(settings: LazySettings) -> list[EmailMessage]:
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        chore = Mails(mails.waiting, compose)
        wait_until(lambda: not chore.turn() and chore._sending is None, 60)
    return inbox.mails


def text(mail: EmailMessage) -> str:
    return str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_all_lists_of_a_person_stand_in_one_mail(settings: LazySettings) -> None:
    owner, other = a_member(Role.MANAGER), a_member(Role.MANAGER)
    near = capped("Harbour", owner)
    low = owned(a_list(name="Mailing & more"), owner)
    a_batch(low, 10)
    in_bulk(low, [f"cust-{n}" for n in range(9)])
    ending = owned(a_list(ListType.MULTI_USE, name="Ending", ends_in=timedelta(days=2)), other)
    owned(a_list(name="Quiet"), owner)
    assert list_warnings.warn_owners() == 2
    to_owner, to_other = sorted(received(settings), key=lambda mail: mail["To"] != owner.email)
    assert (to_owner["To"], to_other["To"]) == (owner.email, other.email)
    assert to_owner["Subject"] == "Look at Harbour and 1 more"
    told = text(to_owner)
    assert "80.0% of the cap is claimed: 4 of 5." in told
    assert "1 of 10 codes is left: neither handed out, claimed nor cancelled." in told
    assert "Mailing & more" in told
    assert "Quiet" not in told
    for one in (near, low):
        assert f"{settings.BASE_URL}/lists/{one.public_id}" in told
    assert "It ends in about 2 days" in text(to_other)
    assert ending.public_id in text(to_other)


def test_there_is_one_mail_a_day_at_most_and_none_without_news() -> None:
    owner = a_member(Role.MANAGER)
    first = capped("First", owner)
    assert [list_warnings.warn_owners() for _ in range(2)] == [1, 0]
    capped("Second", owner)
    assert list_warnings.warn_owners() == 0
    a_day_later()
    assert [list_warnings.warn_owners() for _ in range(2)] == [1, 0]
    assert [one["name"] for one in AccountMail.objects.latest("created_at").told] == [
        "First",
        "Second",
    ]
    a_day_later()
    assert list_warnings.warn_owners() == 0
    claim("First", "cust-9")  # the cap is reached
    assert list_warnings.warn_owners() == 1
    assert lists.find(first.public_id).warned == ["cap_reached"]


def test_what_comes_back_after_it_was_settled_is_told_again() -> None:
    owner = a_member(Role.MANAGER)
    promo_list = capped("Harbour", owner)
    assert list_warnings.warn_owners() == 1
    lists.edit(promo_list.public_id, {"entry_cap": 50}, ACTOR)
    a_day_later()
    assert list_warnings.warn_owners() == 0
    assert lists.find(promo_list.public_id).warned == []
    lists.edit(promo_list.public_id, {"entry_cap": 5}, ACTOR)
    assert list_warnings.warn_owners() == 1


def test_nobody_is_told_of_what_is_switched_off_or_has_ended_or_is_not_theirs() -> None:
    owner, gone = a_member(Role.MANAGER), a_member(Role.MANAGER)
    capped("Muted", owner, "cap_near")
    capped("Gone", gone)
    staff.deactivate(gone.id, ACTOR)
    ended = capped("Ended", owner)
    PromoList.objects.filter(id=ended.id).update(ends_at=database_now())
    a_list(ListType.MULTI_USE, name="Of a program", ends_in=timedelta(days=1))
    assert list_warnings.warn_owners() == 0


def test_who_makes_a_list_looks_after_it() -> None:
    assert a_list().owner == ACTOR


def test_pages_show_warnings_and_managers_say_who_gets_which(manager: Client) -> None:
    owner = a_member(Role.AGENT)
    promo_list = a_list(entry_cap=5)
    made = shown_codes(a_batch(promo_list, 5))
    for number, code in enumerate(made[:4]):
        claim(code, f"cust-{number}")
    page, sentence = f"/lists/{promo_list.public_id}", "80.0% of the cap is claimed: 4 of 5."
    for address in (page, "/"):
        assert sentence in manager.get(address).content.decode()
    edit = manager.get(f"{page}/edit").content.decode()
    assert owner.email in edit
    assert ACTOR.removeprefix("staff:") in edit
    sent = {"owner": owner.actor, "wanted": ["cap_reached", "ends_soon"]}
    assert manager.post(f"{page}/warnings", sent)["Location"] == page
    for address in (page, "/"):
        assert sentence not in manager.get(address).content.decode()
    changed = lists.find(promo_list.public_id)
    assert (changed.owner, changed.muted) == (owner.actor, ["cap_near", "low_stock"])
    entry = AuditEntry.objects.get(action="list.warnings_changed")
    assert (entry.after or {})["owner"] == owner.actor
    shown = manager.get(f"{page}/edit").context["warnings_form"]
    assert shown["wanted"].value() == ["cap_reached", "ends_soon"]


def test_a_list_that_no_person_made_says_that_nobody_gets_its_warnings(
    manager: Client, viewer: Client
) -> None:
    of_key, of_nobody = capped("Kiosk", a_member(Role.MANAGER)), capped("Old", a_member(Role.AGENT))
    lists.set_warnings(of_key.public_id, "key:key_123", [], ACTOR)
    lists.set_warnings(of_nobody.public_id, "", [], ACTOR)
    made, unknown = (f"/lists/{one.public_id}" for one in (of_key, of_nobody))
    assert "made with an API key, so nobody gets" in manager.get(f"{made}/edit").content.decode()
    edit = manager.get(f"{unknown}/edit").content.decode()
    assert "It is not known who made the list, so nobody gets" in edit
    assert manager.post(f"{unknown}/warnings", {"owner": "", "wanted": []})["Location"] == unknown
    for role, may in ((manager, True), (viewer, False)):
        assert (f"{made}/edit#warnings" in role.get(made).content.decode()) is may


def test_somebody_unknown_cannot_be_made_the_owner(manager: Client) -> None:
    promo_list = a_list()
    page = f"/lists/{promo_list.public_id}"
    answer = manager.post(f"{page}/warnings", {"owner": "staff:nobody@example.com"})
    assert "Choose somebody who may sign in." in answer.content.decode()
    assert lists.find(promo_list.public_id).owner == ACTOR
    assert signed_in(Role.AGENT).post(f"{page}/warnings", {}).status_code == 403


def test_pages_say_that_nobody_is_told_since_the_owner_cannot_sign_in_any_more(
    manager: Client,
) -> None:
    owner = a_member(Role.MANAGER)
    page = f"/lists/{capped('Harbour', owner).public_id}"
    said = f"{owner.name or owner.email} looks after the list and cannot sign in any more"
    addresses = (page, f"{page}/edit")
    assert not any(said in manager.get(one).content.decode() for one in addresses)
    staff.deactivate(owner.id, ACTOR)
    assert all(said in manager.get(one).content.decode() for one in addresses)
    assert list_warnings.warn_owners() == 0
    manager.post(f"{page}/warnings", {"owner": a_member(Role.AGENT).actor, "wanted": ["cap_near"]})
    assert not any(said in manager.get(one).content.decode() for one in addresses)
    assert list_warnings.warn_owners() == 1
