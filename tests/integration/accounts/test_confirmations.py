"""Mails to managers about cancellations that wait for a second person."""

from email.message import EmailMessage

import pytest
from django.conf import LazySettings

from promint.accounts import confirmations, keys, mails
from promint.accounts.models import AccountMail, Staff
from promint.accounts.roles import Role, Scope
from promint.core.codes import cancellations
from promint.core.models import Cancellation
from promint.worker.cancellations import Cancellations
from promint.worker.mail.account import compose
from promint.worker.mail.sending import Mails
from tests.factories import ACTOR, a_batch, a_list, a_member
from tests.mail_server import Inbox, serving
from tests.servers import wait_until


@pytest.fixture(autouse=True)
def two_people(settings: LazySettings) -> None:
    settings.APPROVE_ABOVE = 2


def asked_by(actor: str, quantity: int = 3) -> Cancellation:
    promo_list = a_list(name="Leaked")
    a_batch(promo_list, quantity)
    return cancellations.request("Code AAA-111 leaked", actor, list_id=promo_list.public_id)


def addresses() -> list[str]:
    return sorted(AccountMail.objects.filter(about="confirm").values_list("address", flat=True))


def the_mail(settings: LazySettings, people: list[Staff]) -> EmailMessage:
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        chore = Mails(mails.waiting, compose)
        wait_until(lambda: not chore.turn() and chore._sending is None, 60)
    assert sorted(mail["To"] for mail in inbox.mails) == sorted(one.email for one in people)
    return inbox.mails[0]


def test_all_who_may_confirm_are_asked_once_and_whoever_asked_is_not(
    settings: LazySettings,
) -> None:
    own, other, admin = (a_member(role) for role in (Role.MANAGER, Role.MANAGER, Role.ADMIN))
    for role in (Role.VIEWER, Role.AGENT):
        a_member(role)
    Staff.objects.filter(id=a_member(Role.MANAGER).id).update(is_active=False)
    waiting = asked_by(own.actor)
    for _ in range(2):
        assert not Cancellations().turn()
    assert addresses() == sorted([other.email, admin.email])
    mail = the_mail(settings, [other, admin])
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert f"{own.email} asks to cancel 3 codes of Leaked." in text
    assert f"{settings.BASE_URL}/cancellations/{waiting.public_id}" in text
    assert "AAA-111" not in mail.as_string()


def test_a_manager_who_comes_later_is_asked_too_while_it_waits() -> None:
    key, _ = keys.create("Till", [Scope.MANAGE], ACTOR)
    waiting = asked_by(f"key:{key.public_id}")
    assert confirmations.ask_managers() == 0
    manager = a_member(Role.MANAGER)
    assert confirmations.ask_managers() == 1
    mail = compose(AccountMail.objects.get(about="confirm"))
    assert "The API key Till asks to cancel 3 codes" in mail.as_string()
    cancellations.confirm(waiting.public_id, manager.actor)
    a_member(Role.MANAGER)
    assert confirmations.ask_managers() == 0


def test_nobody_is_asked_about_what_needs_no_second_person() -> None:
    a_member(Role.MANAGER)
    asked_by("key:Till", quantity=2)
    assert confirmations.ask_managers() == 0
