"""Sessions: when they end, what is stored of them, and that people can see their own."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client, override_settings
from django.utils import timezone

from promint.accounts import passwords, sessions, staff
from promint.accounts.models import Staff, StaffSession
from promint.accounts.roles import Role
from promint.core.models import AuditEntry
from promint.core.storage import database_now
from promint.worker.forgetting import Forgetting
from tests.factories import ACTOR, PASSWORD, a_member

pytestmark = pytest.mark.same_on_both

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)


def signed_in(member: Staff, user_agent: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    """A client that signed in by the form, as people do."""
    client = Client(HTTP_USER_AGENT=user_agent, REMOTE_ADDR=address)
    answer = client.post("/login", {"username": member.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def open_to(client: Client) -> bool:
    return client.get("/profile").status_code == 200


def test_what_stands_in_the_table_opens_no_session() -> None:
    client = signed_in(a_member(Role.ADMIN))
    row = StaffSession.objects.get()
    assert row.session_key == sessions.hashed(client.cookies["sessionid"].value)
    thief = Client()
    thief.cookies["sessionid"] = row.session_key
    assert not open_to(thief)
    assert open_to(client)


def test_a_session_ends_without_use_and_in_any_case_after_two_weeks() -> None:
    client, start = signed_in(a_member(Role.VIEWER)), database_now()
    hour = timedelta(hours=1)
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(14 * 24 // 7):  # 14 days in steps shorter than eight hours
            clock.shift(7 * hour)
            if timezone.now() < start + timedelta(days=14):
                assert open_to(client)
        clock.shift(hour)
        assert not open_to(client)
    idle = signed_in(Staff.objects.get())
    with time_machine.travel(database_now() + settings.SESSION_IDLE + hour / 60, tick=False):
        assert not open_to(idle)


@override_settings(SESSION_IDLE=timedelta(hours=1))
def test_how_long_a_session_lasts_without_use_is_a_setting() -> None:
    client = signed_in(a_member(Role.VIEWER))
    with time_machine.travel(database_now() + timedelta(minutes=59), tick=False):
        assert open_to(client)
    with time_machine.travel(database_now() + timedelta(minutes=121), tick=False):
        assert not open_to(client)


def test_a_persons_sessions_are_listed_with_device_and_address() -> None:
    member = a_member(Role.VIEWER)
    here = signed_in(member)
    signed_in(member, IPHONE, "2001:db8::9")
    signed_in(a_member(Role.VIEWER), address="203.0.113.5")  # someone else's
    said = here.get("/profile").content.decode()
    assert "Firefox on Linux, 192.0.2.7 <b>(this one)</b>" in said
    assert "Safari on iOS, 2001:db8::9" in said
    assert said.count("(this one)") == 1
    assert "203.0.113.5" not in said


def test_signing_out_everywhere_ends_all_of_the_persons_sessions_and_no_others() -> None:
    member, other = a_member(Role.VIEWER), signed_in(a_member(Role.VIEWER))
    here, there = signed_in(member), signed_in(member)
    assert here.post("/profile/sign-out-everywhere")["Location"] == "/login"
    assert not open_to(here)
    assert not open_to(there)
    assert open_to(other)
    assert AuditEntry.objects.filter(action="staff.signed_out_everywhere").count() == 1


def test_a_new_password_or_role_ends_all_sessions() -> None:
    member = a_member(Role.VIEWER)
    before = signed_in(member)
    passwords.change(member.id, "another sentence of mine", ACTOR)
    assert not open_to(before)
    passwords.change(member.id, PASSWORD, ACTOR)
    before = signed_in(member)
    staff.change_role(member.id, Role.AGENT, ACTOR)
    assert not open_to(before)
    assert not StaffSession.objects.exists()


def test_changing_the_password_keeps_the_session_in_which_it_is_changed() -> None:
    member = a_member(Role.VIEWER)
    here, there = signed_in(member), signed_in(member)
    new = {"current": PASSWORD, "password": "a new one of mine", "again": "a new one of mine"}
    assert here.post("/profile/password", new).status_code == 302
    assert open_to(here)
    assert not open_to(there)


def test_a_session_that_was_ended_is_not_written_back() -> None:
    member = a_member(Role.VIEWER)
    client = signed_in(member)
    late = client.session
    late["more"] = 1
    sessions.sign_out_everywhere(member, "192.0.2.7")
    with pytest.raises(UpdateError):
        late.save()
    assert not StaffSession.objects.exists()


def test_sessions_that_have_ended_are_deleted() -> None:
    kept, ended = signed_in(a_member(Role.VIEWER)), signed_in(a_member(Role.VIEWER))
    past = sessions.hashed(ended.cookies["sessionid"].value)
    StaffSession.objects.filter(session_key=past).update(expire_date=database_now())
    Forgetting().turn()
    assert StaffSession.objects.count() == 1
    assert open_to(kept)


def test_strangers_who_only_look_make_no_sessions() -> None:
    for path in ("/login", "/forgotten-password", "/", "/nowhere", "/password/x"):
        Client().get(path)
    Client().post("/login", {"username": "a@b.example", "password": "wrong"})
    assert not StaffSession.objects.exists()


def test_signing_in_and_out_is_written_down() -> None:
    member = a_member(Role.VIEWER)
    signed_in(member).post("/logout")
    entries = AuditEntry.objects.filter(subject=member.email).exclude(action="staff.created")
    found = {(entry.action, entry.actor, entry.after["address"]) for entry in entries}
    assert found == {
        ("staff.signed_in", member.actor, "192.0.2.7"),
        ("staff.signed_out", member.actor, "192.0.2.7"),
    }
