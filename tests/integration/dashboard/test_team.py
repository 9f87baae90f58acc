"""The team's page: invitations with a link that is shown once, roles, and deactivated accounts."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.accounts import staff
from promint.accounts.models import AccountMail, Staff
from promint.accounts.roles import Role
from promint.core import lists
from tests.factories import ACTOR, PASSWORD, a_list, a_member, signed_in

DAY = timedelta(days=1)


def link_in(answer: HttpResponse) -> str:
    """The path of the link that is shown to be copied."""
    (path,) = set(
        re.findall(r'value="http://127.0.0.1:8000(/password/[^"]+)"', answer.content.decode())
    )
    return path


def invite(admin: Client, email: str = "ines@example.com", **more: str) -> HttpResponse:
    return admin.post("/team/invite", {"email": email, "role": "agent", **more})


def test_everyone_stands_there_with_status_role_and_last_sign_in(admin: Client) -> None:
    staff.invite("soon@example.com", Role.VIEWER, "Ines <b>", ACTOR)
    gone = a_member(Role.AGENT)
    staff.deactivate(gone.id, ACTOR)
    said = admin.get("/team").content.decode()
    for part in ("soon@example.com", "Ines &lt;b&gt;", "Invited", gone.email, "Deactivated",
                 "Active", "Admin", "Viewer", "Never", "accounts"):  # fmt: skip
        assert part in said, part


def test_an_invitation_shows_its_link_once_and_the_link_makes_a_member(
    admin: Client, client: Client
) -> None:
    answer = invite(admin, name="Ines")
    assert answer.status_code == 200
    path = link_in(answer)
    assert path not in admin.get("/team").content.decode()
    assert "ines@example.com" in client.get(path).content.decode()
    assert client.post(path, {"password": "short", "again": "short"}).status_code == 422
    wrong = client.post(path, {"password": PASSWORD, "again": PASSWORD + "x"})
    assert wrong.context["form"].errors.keys() == {"again"}
    done = client.post(path, {"password": PASSWORD, "again": PASSWORD}, follow=True)
    assert "Your password is set." in done.content.decode()
    client.post("/login", {"username": "ines@example.com", "password": PASSWORD})
    assert client.get("/codes").status_code == 200
    assert client.get("/lists/new").status_code == 403
    assert client.get(path).status_code == 410


def test_the_page_of_a_link_is_kept_by_no_cache_and_told_to_no_other_site(
    admin: Client, client: Client
) -> None:
    answer = client.get(link_in(invite(admin)))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"


def test_the_link_is_mailed_where_a_mail_server_is_set_up(
    admin: Client, settings: LazySettings
) -> None:
    settings.EMAIL_URL = None
    assert "Send it to them yourself" in invite(admin).content.decode()
    assert not AccountMail.objects.exists()
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    answer = invite(admin, "tom@example.com")
    assert "on its way by e-mail" in answer.content.decode()
    mail = AccountMail.objects.get()
    assert (mail.address, mail.about) == ("tom@example.com", "invitation")


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"email": "no address"}, "email"), ({"role": "owner"}, "role"), ({"role": ""}, "role"),
     ({"name": "a\x07b"}, "name")],
)  # fmt: skip
def test_a_wrong_invitation_is_said_beside_its_field(
    admin: Client, typed: dict[str, str], field: str
) -> None:
    answer = admin.post("/team/invite", {"email": "ines@example.com", "role": "agent", **typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert Staff.objects.count() == 1


def test_an_address_that_has_an_account_is_not_invited_again(admin: Client) -> None:
    answer = invite(admin, a_member(Role.VIEWER).email.upper())
    assert answer.status_code == 422
    assert staff.TAKEN in answer.content.decode()


def test_a_new_link_for_someone_invited_and_none_for_someone_with_a_password(
    admin: Client,
) -> None:
    invite(admin)
    member = Staff.objects.get(email="ines@example.com")
    assert "/password/" in link_in(admin.post(f"/team/{member.id}/link"))
    active = a_member(Role.VIEWER)
    said = admin.post(f"/team/{active.id}/link").content.decode()
    assert "No link is needed" in said
    assert "/password/" not in said


def test_a_changed_role_ends_the_sessions_and_holds_at_the_next_sign_in(admin: Client) -> None:
    client = signed_in(Role.VIEWER)
    member = Staff.objects.get(role="viewer")
    address = f"/team/{member.id}/role"
    assert "<dialog" in admin.get(address).content.decode()
    assert client.get("/lists/new").status_code == 403
    answer = admin.post(address, {"role": "manager"}, follow=True)
    assert f"{member.email} is manager now, and has to sign in again." in answer.content.decode()
    assert client.get("/lists/new")["Location"] == "/login?next=/lists/new"
    client.force_login(member)
    assert client.get("/lists/new").status_code == 200
    assert admin.post(address, {"role": "king"}).status_code == 422
    assert admin.get("/team/0/role").status_code == 404


def test_deactivating_ends_the_sessions_for_good(admin: Client) -> None:
    client = signed_in(Role.AGENT)
    member = Staff.objects.get(role="agent")
    assert client.get("/").status_code == 200
    assert "Deactivate this account?" in admin.get(f"/team/{member.id}/deactivate").content.decode()
    admin.post(f"/team/{member.id}/deactivate")
    assert client.get("/").status_code == 302
    path = link_in(admin.post(f"/team/{member.id}/link"))
    assert client.get("/").status_code == 302  # the account is back, but the old session has ended
    Client().post(path, {"password": PASSWORD, "again": PASSWORD})
    assert client.get("/").status_code == 302


def test_the_last_administrator_is_kept_and_the_page_says_why(admin: Client) -> None:
    last = Staff.objects.get()
    said = admin.get("/team").content.decode()
    assert f"/team/{last.id}/deactivate" not in said
    assert "The last administrator" in said
    answer = admin.post(f"/team/{last.id}/deactivate")
    assert answer.status_code == 422
    assert staff.LAST_ADMIN in answer.content.decode()
    answer = admin.post(f"/team/{last.id}/role", {"role": "viewer"})
    assert answer.context["form"].errors.keys() == {"role"}
    a_member(Role.ADMIN)
    assert f"/team/{last.id}/deactivate" in admin.get("/team").content.decode()


def test_a_larger_team_costs_no_more_queries(admin: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get("/team")
        return len(queries)

    few = cost()
    for i in range(12):
        staff.invite(f"m{i}@example.com", Role.VIEWER, "", ACTOR)
    assert cost() == few <= 7


def test_before_somebody_leaves_it_is_said_which_lists_nobody_looks_after_then(
    admin: Client,
) -> None:
    member = a_member(Role.MANAGER)
    dialog = f"/team/{member.id}/deactivate"
    assert "look after" not in admin.get(dialog).content.decode()
    theirs, ended = a_list(name="Harbour"), a_list(name="Old", starts_in=-2 * DAY, ends_in=-DAY)
    for one in (theirs, ended):
        lists.set_warnings(one.public_id, member.actor, [], ACTOR)
    said = admin.get(dialog).content.decode()
    assert "They look after 1 list that has not ended" in said
    assert f'/lists/{theirs.public_id}/edit#warnings">Harbour</a>' in said
