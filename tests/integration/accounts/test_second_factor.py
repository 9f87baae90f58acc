"""The second factor: a code from an app, or a recovery code, after the password."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pyotp
import pytest
import time_machine
from django.test import Client

from promint.accounts import second_factor, staff
from promint.accounts.allowances import UsedUp
from promint.accounts.models import SecondFactor, Staff
from promint.accounts.roles import Role
from promint.core.models import AuditEntry
from promint.core.rules import Refused
from promint.core.storage import database_now
from tests.at_once import all_at_once
from tests.factories import ACTOR, PASSWORD, a_member

ADDRESS = "192.0.2.7"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def step() -> int:
    return int(database_now().timestamp()) // 30


def code_of(secret: str, of_step: int) -> str:
    return pyotp.TOTP(secret).generate_otp(of_step)


def with_factor(role: Role = Role.VIEWER) -> tuple[Staff, str, list[str]]:
    """Somebody who turned it on a while ago, with secret and recovery codes."""
    member, secret = a_member(role), second_factor.new_secret()
    codes = second_factor.turn_on(member.id, secret, code_of(secret, step()), ACTOR)
    SecondFactor.objects.update(last_step=step() - 10)
    member.refresh_from_db()
    return member, secret, codes


def password_sent(member: Staff) -> tuple[Client, str]:
    """A browser after the right password, and the page that it sees."""
    browser = Client()
    sent = {"username": member.email, "password": PASSWORD}
    answer = browser.post("/login?next=/codes", sent)
    assert answer.status_code == 200
    return browser, answer.content.decode()


def is_signed_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def test_the_password_alone_does_not_sign_in() -> None:
    member, secret, _ = with_factor()
    browser, page = password_sent(member)
    assert "Second factor" in page
    assert not is_signed_in(browser)
    wrong = browser.post("/login/code?next=/codes", {"code": "000000"})
    assert wrong.status_code == 422
    assert not is_signed_in(browser)
    assert not AuditEntry.objects.filter(action="staff.signed_in").exists()
    right = browser.post("/login/code?next=/codes", {"code": code_of(secret, step())})
    assert (right.status_code, right["Location"]) == (302, "/codes")
    assert is_signed_in(browser)
    assert AuditEntry.objects.filter(action="staff.signed_in").count() == 1
    assert AuditEntry.objects.filter(action="staff.second_factor_failed").count() == 1


def test_without_the_password_no_code_is_asked_for() -> None:
    _, secret, _ = with_factor()
    answer = Client().post("/login/code", {"code": code_of(secret, step())})
    assert (answer.status_code, answer["Location"]) == (302, "/login")


def test_no_other_site_is_led_to() -> None:
    member, secret, _ = with_factor()
    browser, _ = password_sent(member)
    sent = {"code": code_of(secret, step())}
    answer = browser.post("/login/code?next=https://evil.example/", sent)
    assert answer["Location"] == "/"


def test_the_password_step_is_over_after_ten_minutes_and_when_the_password_changes() -> None:
    member, secret, _ = with_factor()
    late, _ = password_sent(member)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11), tick=True):
        assert late.post("/login/code", {"code": "123456"})["Location"] == "/login"
    changed, _ = password_sent(member)
    member.set_password("quite another long password")
    member.save()
    assert changed.post("/login/code", {"code": code_of(secret, step())})["Location"] == "/login"
    assert not is_signed_in(changed)


@pytest.mark.parametrize(
    ("off", "right"), [(-2, False), (-1, True), (0, True), (1, True), (3, False)]
)
def test_clocks_may_be_half_a_minute_apart(off: int, right: bool) -> None:
    member, secret, _ = with_factor()
    assert second_factor.judge(member, code_of(secret, step() + off), ADDRESS) is right


def test_a_code_is_taken_once_also_when_it_is_sent_twice_at_once() -> None:
    member, secret, _ = with_factor()
    code = code_of(secret, step())
    judged = all_at_once([partial(second_factor.judge, member, code, ADDRESS)] * 4)
    assert sorted(map(str, judged)) == ["False", "False", "False", "True"]


def test_a_recovery_code_works_once_however_it_is_written() -> None:
    member, _, codes = with_factor()
    assert second_factor.judge(member, f" {codes[0].lower().replace('-', ' ')} ", ADDRESS)
    assert not second_factor.judge(member, codes[0], ADDRESS)
    assert second_factor.recovery_codes_left(member) == 9
    fresh = second_factor.renew_recovery_codes(member.id, ACTOR)
    assert not second_factor.judge(member, codes[1], ADDRESS)
    assert second_factor.judge(member, fresh[1], ADDRESS)


def test_codes_can_be_guessed_ten_times_and_then_hardly_ever() -> None:
    member, secret, _ = with_factor()
    for _ in range(9):
        assert not second_factor.judge(member, "000000", ADDRESS)
    with pytest.raises(UsedUp):
        second_factor.judge(member, "000000", ADDRESS)
    with pytest.raises(UsedUp):
        second_factor.judge(member, code_of(secret, step()), ADDRESS)


def test_neither_secret_nor_recovery_codes_can_be_read_in_the_database() -> None:
    _, secret, codes = with_factor()
    stored = SecondFactor.objects.get()
    assert secret not in stored.secret
    assert not {code.replace("-", "") for code in codes} & set(stored.recovery_codes)
    assert len(set(codes)) == second_factor.RECOVERY_CODES


def test_a_wrong_first_code_turns_nothing_on() -> None:
    member = a_member(Role.VIEWER)
    with pytest.raises(Refused, match=r".*") as refused:
        second_factor.turn_on(member.id, second_factor.new_secret(), "000000", ACTOR)
    assert "code" in refused.value.fields
    assert not SecondFactor.objects.exists()


def set_up(browser: Client, password: str = PASSWORD) -> tuple[int, str]:
    page = browser.get("/profile/two-factor").content.decode()
    (secret,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    code = code_of(secret.replace(" ", ""), step())
    answer = browser.post("/profile/two-factor", {"code": code, "current": password})
    return answer.status_code, answer.content.decode()


def test_it_is_set_up_in_the_profile_with_the_password(viewer: Client) -> None:
    assert set_up(viewer, "not the password")[0] == 422
    assert not SecondFactor.objects.exists()
    status, page = set_up(viewer)
    assert status == 200
    shown = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", page)
    assert len(shown) == 10
    assert is_signed_in(viewer)
    again = viewer.get("/profile/two-factor").content.decode()
    assert shown[0] not in again
    assert "10 codes left" in again


def test_removing_it_asks_for_the_password_and_ends_other_sessions() -> None:
    member, _, _ = with_factor()
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        browser.force_login(member, BACKEND)
    assert here.post("/profile/two-factor/off", {"current": "wrong"}).status_code == 422
    assert here.post("/profile/two-factor/off", {"current": PASSWORD}).status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert not SecondFactor.objects.exists()


def test_who_has_to_set_it_up_sees_nothing_else_before() -> None:
    boss, _, _ = with_factor(Role.ADMIN)
    admin, other = Client(), Client()
    admin.force_login(boss, BACKEND)
    other.force_login(a_member(Role.AGENT), BACKEND)
    assert admin.post("/team/second-factor", {"demanded": "yes"}).status_code == 302
    for page in ("/", "/codes", "/profile"):
        assert other.get(page)["Location"] == "/profile/two-factor"
    asked = other.post("/codes", {"code": "x"}, headers={"HX-Request": "true"})
    assert asked.status_code == 403
    assert "data-failed><h1>Everybody here signs in with" in asked.content.decode()
    assert other.post("/theme", {"theme": "dark"}).status_code == 302, "is open to all"
    assert set_up(other)[0] == 200
    assert is_signed_in(other)
    invited = staff.invite("ines@example.com", Role.AGENT, "", ACTOR)
    assert invited.must_set_up_second_factor
    admin.post("/team/second-factor", {"demanded": "no"})
    invited.refresh_from_db()
    assert not invited.must_set_up_second_factor


def test_who_has_none_cannot_demand_one_of_others(admin: Client) -> None:
    page = admin.get("/team").content.decode()
    assert 'name="demanded"' not in page
    assert "Set up your own second factor</a> first" in page
    answer = admin.post("/team/second-factor", {"demanded": "yes"}, follow=True)
    assert "Set up your own second factor first" in answer.content.decode()
    assert not second_factor.is_demanded()


def test_an_administrator_removes_it_for_somebody_who_lost_it(admin: Client) -> None:
    member, _, _ = with_factor()
    theirs = Client()
    theirs.force_login(member, BACKEND)
    assert (
        "Remove this second factor?"
        in admin.get(f"/team/{member.id}/second-factor").content.decode()
    )
    assert admin.post(f"/team/{member.id}/second-factor").status_code == 302
    assert not is_signed_in(theirs)
    assert not Staff.objects.get(id=member.id).has_second_factor
    entry = AuditEntry.objects.get(action="staff.second_factor_off")
    assert entry.subject == member.email


def test_a_factor_that_was_removed_a_moment_ago_accepts_no_code() -> None:
    member, secret, _ = with_factor()
    second_factor.turn_off(member.id, ACTOR)
    assert not second_factor.judge(member, code_of(secret, step()), ADDRESS)
    with pytest.raises(Refused):
        second_factor.renew_recovery_codes(member.id, ACTOR)
