"""Mails with a link, to people who are invited or have forgotten the password."""

import re
from email.message import EmailMessage

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from promint.accounts import links, mails, passwords, staff
from promint.accounts.models import AccountMail, Staff
from promint.accounts.roles import Role
from promint.core.storage import stored_files
from promint.core.storage.clock import database_now
from promint.worker.mail.account import compose
from promint.worker.mail.sending import Mails
from tests.factories import ACTOR, PASSWORD, a_member
from tests.mail_server import Inbox, serving
from tests.servers import wait_until


def work_off() -> None:
    chore = Mails(mails.waiting, compose)
    wait_until(lambda: not chore.turn() and chore._sending is None, 60)


def token_in(mail: EmailMessage, settings: LazySettings) -> str:
    """The token of the link, which is the same in the plain text and in the HTML."""
    found = {
        token
        for part in mail.walk()
        if not part.is_multipart()
        for token in re.findall(rf"{settings.BASE_URL}/password/([^\s\"<]+)", part.get_content())
    }
    (token,) = found
    return token


def received(settings: LazySettings) -> EmailMessage:
    inbox = Inbox()
    with serving(inbox) as settings.EMAIL_URL:
        work_off()
    (mail,) = inbox.mails
    return mail


def test_a_forgotten_password_is_set_anew_by_the_link_in_the_mail(settings: LazySettings) -> None:
    member = a_member(Role.VIEWER)
    mails.forgotten(f" {member.email.upper()} ")
    mail = received(settings)
    assert mail["To"] == member.email
    assert mail["Subject"] == "A new password for Promint"
    passwords.set_by_link(token_in(mail, settings), "another one of mine")
    member.refresh_from_db()
    assert member.check_password("another one of mine")


def test_an_invitation_says_whose_promint_it_is(settings: LazySettings) -> None:
    settings.ORGANISATION = "Harbour & Sons"
    member = staff.invite("ines@example.com", Role.AGENT, "", ACTOR)
    mails.invite(member.id)
    mail = received(settings)
    assert mail["Subject"] == "Your invitation to Promint"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Harbour & Sons" in text
    assert "within 7 days" in text
    assert links.staff_of(token_in(mail, settings)) == member


@pytest.mark.parametrize("organisation", ["Harbour", "Häfen “Süd” Αθήνα"])
def test_without_a_mail_server_the_mail_is_a_file_that_only_we_can_read(
    organisation: str, settings: LazySettings
) -> None:
    settings.ORGANISATION = organisation
    mails.forgotten(a_member(Role.VIEWER).email)
    work_off()
    (file,) = stored_files.directory("mails").glob("acm_*.eml")
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text(encoding="utf-8")
    assert organisation in text, "it can be read without a mail program"
    (link,) = re.findall(r"^(http\S+/password/\S+)\r?$", text, re.MULTILINE)
    assert "=" not in link, "it is whole, whatever its length"
    assert links.staff_of(link.rpartition("/")[2]) is not None
    file.unlink()


def test_nobody_unknown_or_deactivated_is_written_to_and_nobody_is_flooded() -> None:
    a_member(Role.ADMIN)
    gone = a_member(Role.VIEWER)
    staff.deactivate(gone.id, ACTOR)
    for address in (gone.email, "nobody@example.com", "", "no address"):
        mails.forgotten(address)
    assert not mails.waiting().exists()
    member = a_member(Role.VIEWER)
    for _ in range(3):
        mails.forgotten(member.email)
    assert mails.waiting().count() == 1
    AccountMail.objects.update(created_at=database_now() - mails.AGAIN_AFTER)
    mails.forgotten(member.email)
    assert mails.waiting().count() == 2


def test_a_forgotten_password_is_the_same_work_for_every_address() -> None:
    member = a_member(Role.VIEWER)
    with CaptureQueriesContext(connection) as known:
        mails.forgotten(member.email)
    with CaptureQueriesContext(connection) as unknown:
        mails.forgotten("nobody@example.com")
    verbs = [[query["sql"].split()[:3] for query in each] for each in (known, unknown)]
    assert verbs[0] == verbs[1]
    assert verbs[0]


def test_a_link_stands_in_no_table() -> None:
    member = a_member(Role.VIEWER)
    mails.forgotten(member.email)
    work_off()
    row = AccountMail.objects.values().get()
    assert (row["status"], row["error"]) == ("sent", None)
    assert "password" not in str(row)


def test_a_forgotten_password_has_an_hour_and_an_invitation_a_week() -> None:
    member = a_member(Role.VIEWER)
    invited = staff.invite("ines@example.com", Role.AGENT, "", ACTOR)
    with time_machine.travel(0, tick=False) as clock:
        forgotten, invitation = (
            links.address_of(Staff.objects.get(id=one.id)).rpartition("/")[2]
            for one in (member, invited)
        )
        clock.shift(3600)
        assert links.staff_of(forgotten) == member
        clock.shift(2)
        assert links.staff_of(forgotten) is None
        clock.shift(7 * 24 * 3600 - 3602)
        assert links.staff_of(invitation) == invited
        clock.shift(2)
        assert links.staff_of(invitation) is None
    assert member.check_password(PASSWORD)
