"""Staff accounts: invited, given roles, deactivated; and there is always an administrator."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from promint.accounts import links, passwords, profile, staff
from promint.accounts.models import Staff
from promint.accounts.roles import Permission, Role
from promint.core.models import AuditEntry
from promint.core.rules.refusals import Refused
from tests.at_once import all_at_once
from tests.factories import ACTOR, PASSWORD, a_member


def noted(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


def refused(verb: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(Refused) as raised:
        verb()
    return raised.value.fields


def test_someone_invited_has_an_account_but_no_password_yet() -> None:
    member = staff.invite(" Ines@Example.com ", Role.AGENT, " Ines ", ACTOR)
    assert (member.email, member.name, member.status) == ("ines@example.com", "Ines", "invited")
    assert not member.check_password("")
    entry = noted("staff.invited")
    assert (entry.actor, entry.subject) == (ACTOR, "ines@example.com")
    assert entry.after == {"role": "agent", "name": "Ines"}


def test_an_address_has_one_account_also_when_two_invite_it_at_once() -> None:
    invite = partial(staff.invite, "ines@example.com", Role.AGENT, "", ACTOR)
    refused = [said for said in all_at_once([invite] * 6) if isinstance(said, Refused)]
    assert [said.fields for said in refused] == [{"email": staff.TAKEN}] * 5
    assert Staff.objects.count() == 1


@pytest.mark.parametrize("email", ["", "ines", "ines@", "a b@example.com", "é@example.com"])
def test_what_is_no_address_is_not_invited(email: str) -> None:
    assert "email" in refused(lambda: staff.invite(email, Role.VIEWER, "", ACTOR))


def test_a_role_holds_at_once_and_the_change_is_noted() -> None:
    a_member(Role.ADMIN)
    member = a_member(Role.VIEWER)
    staff.change_role(member.id, Role.MANAGER, ACTOR)
    member.refresh_from_db()
    assert member.may(Permission.MANAGE)
    entry = noted("staff.role_changed")
    assert (entry.before, entry.after) == ({"role": "viewer"}, {"role": "manager"})
    staff.change_role(member.id, Role.MANAGER, ACTOR)
    assert AuditEntry.objects.filter(action="staff.role_changed").count() == 1


def test_the_last_administrator_who_can_sign_in_keeps_the_role_and_the_account() -> None:
    last = a_member(Role.ADMIN)
    staff.invite("soon@example.com", Role.ADMIN, "", ACTOR)  # has no password yet
    staff.deactivate(a_member(Role.ADMIN).id, ACTOR)
    assert staff.last_admin() == last.id
    assert "role" in refused(lambda: staff.change_role(last.id, Role.MANAGER, ACTOR))
    assert "account" in refused(lambda: staff.deactivate(last.id, ACTOR))
    last.refresh_from_db()
    assert (last.role, last.status) == ("admin", "active")
    second = a_member(Role.ADMIN)
    assert staff.last_admin() is None
    staff.change_role(last.id, Role.VIEWER, ACTOR)
    assert staff.last_admin() == second.id


def test_two_administrators_who_demote_each_other_at_once_leave_one() -> None:
    admins = [a_member(Role.ADMIN) for _ in range(2)]
    demoted = all_at_once(
        [partial(staff.change_role, member.id, Role.VIEWER, ACTOR) for member in admins]
    )
    assert sum(isinstance(said, Refused) for said in demoted) == 1
    assert Staff.objects.filter(role="admin").count() == 1


def test_whoever_is_deactivated_comes_back_only_with_a_new_password() -> None:
    a_member(Role.ADMIN)
    member = a_member(Role.AGENT)
    staff.deactivate(member.id, ACTOR)
    member.refresh_from_db()
    assert member.status == "deactivated"
    assert not member.check_password(PASSWORD)
    assert not member.may(Permission.READ)
    member = staff.reactivate(member.id, ACTOR)
    assert member.status == "invited"
    assert member.may(Permission.SERVE)
    assert noted("staff.deactivated").subject == noted("staff.reactivated").subject == member.email


def test_deactivating_twice_changes_nothing() -> None:
    a_member(Role.ADMIN)
    member = a_member(Role.AGENT)
    staff.deactivate(member.id, ACTOR)
    staff.deactivate(member.id, ACTOR)
    assert noted("staff.deactivated").actor == ACTOR


def test_an_unknown_account_is_not_found() -> None:
    with pytest.raises(Refused, match="no such account"):
        staff.find(0)


def test_a_profile_is_edited_with_before_and_after_and_only_when_it_changes() -> None:
    member = a_member(Role.VIEWER)
    profile.edit(member.id, " Ines ", "Europe/Paris", member.actor)
    profile.edit(member.id, "Ines", "Europe/Paris", member.actor)
    member.refresh_from_db()
    assert (member.name, member.time_zone) == ("Ines", "Europe/Paris")
    assert noted("staff.profile_edited").before == {"name": "", "time_zone": ""}
    wrong = refused(lambda: profile.edit(member.id, "a\nb", "Mars/Olympus", member.actor))
    assert wrong.keys() == {"name", "time_zone"}


def test_a_password_has_fifteen_characters_and_is_none_that_everybody_uses() -> None:
    member = a_member(Role.VIEWER)
    for weak in ("fourteen chars", "", "1q2w3e4r5t6y7u8i9o0p"):
        wrong = refused(lambda weak=weak: passwords.change(member.id, weak, member.actor))  # type: ignore[misc]
        assert "password" in wrong
    passwords.change(member.id, "fifteen letters", member.actor)
    member.refresh_from_db()
    assert member.check_password("fifteen letters")
    entry = noted("staff.password_set")
    assert (entry.before, entry.after) == (None, None)


def test_a_link_sets_one_password_and_no_second() -> None:
    token = token_for(staff.invite("ines@example.com", Role.AGENT, "", ACTOR))
    assert links.staff_of(token) is not None
    refused(lambda: passwords.set_by_link(token, "too short"))
    assert passwords.set_by_link(token, PASSWORD) is not None
    assert Staff.objects.get(email="ines@example.com").status == "active"
    assert links.staff_of(token) is None
    assert passwords.set_by_link(token, "another one of mine") is None
    assert Staff.objects.get(email="ines@example.com").check_password(PASSWORD)


def test_one_link_used_twice_at_once_sets_one_password() -> None:
    token = token_for(staff.invite("ines@example.com", Role.AGENT, "", ACTOR))
    done = all_at_once([partial(passwords.set_by_link, token, f"{PASSWORD} {i}") for i in range(4)])
    assert [said is None for said in done].count(False) == 1


@pytest.mark.parametrize("broken", ["", "x", "a:b:c", "{}:1:2"])
def test_a_broken_link_leads_to_no_account(broken: str) -> None:
    assert links.staff_of(broken) is None
    token = token_for(a_member(Role.VIEWER))
    assert links.staff_of(token[:-1] + ("a" if token[-1] != "a" else "b")) is None


def test_a_link_ends_with_a_sign_in_a_deactivation_or_a_newer_password(
    client: Client,
) -> None:
    a_member(Role.ADMIN)
    member = a_member(Role.AGENT)
    token = token_for(member)
    passwords.change(member.id, "another one of mine", member.actor)
    assert links.staff_of(token) is None
    token = token_for(Staff.objects.get(id=member.id))
    client.post("/login", {"username": member.email, "password": "another one of mine"})
    assert links.staff_of(token) is None
    token = token_for(Staff.objects.get(id=member.id))
    staff.deactivate(member.id, ACTOR)
    assert links.staff_of(token) is None


def test_a_new_password_opens_a_sign_in_that_was_tried_too_often(client: Client) -> None:
    member = a_member(Role.VIEWER)

    def status(password: str) -> int:
        typed = {"username": member.email, "password": password}
        return client.post("/login", typed).status_code

    assert [status("wrong") for _ in range(10)][-1] == 429
    assert status(PASSWORD) == 429
    passwords.set_by_link(token_for(member), "another one of mine")
    assert status("another one of mine") == 302


def token_for(member: Staff) -> str:
    return links.address_of(member).rpartition("/")[2]
