"""A person's own profile, and the pages for a forgotten password."""

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from promint.accounts.models import AccountMail, Staff
from promint.accounts.roles import Role
from promint.core.models import AuditEntry
from tests.factories import PASSWORD, a_list, a_member, signed_in

NEW = "another one of mine"


def change(client: Client, current: str = PASSWORD, new: str = NEW, again: str = NEW):  # type: ignore[no-untyped-def]
    return client.post("/profile/password", {"current": current, "password": new, "again": again})


def test_name_and_time_zone_are_saved_and_used(viewer: Client) -> None:
    answer = viewer.post("/profile", {"name": "Ines <b>", "time_zone": "Asia/Tokyo"}, follow=True)
    said = answer.content.decode()
    assert "Your profile is saved." in said
    assert "Ines &lt;b&gt;" in said
    assert "Asia/Tokyo (JST)" in viewer.get(reverse("customer", args=["x"])).content.decode()
    viewer.post("/profile", {"name": "", "time_zone": ""})
    assert Staff.objects.get().time_zone == ""
    assert "Asia/Tokyo" not in viewer.get(reverse("customer", args=["x"])).content.decode()


def test_a_zone_that_was_given_up_stays_with_those_who_have_it(viewer: Client) -> None:
    assert 'value="Asia/Calcutta"' not in viewer.get("/profile").content.decode()
    Staff.objects.update(time_zone="Asia/Calcutta")
    page = viewer.get("/profile").content.decode()
    assert '<option value="Asia/Calcutta" selected>Asia/Calcutta (UTC+5:30)</option>' in page
    viewer.post("/profile", {"name": "Ines", "time_zone": "Asia/Calcutta"})
    assert (Staff.objects.get().name, Staff.objects.get().time_zone) == ("Ines", "Asia/Calcutta")


def test_a_zone_that_does_not_exist_is_not_saved(viewer: Client) -> None:
    answer = viewer.post("/profile", {"name": "Ines", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"time_zone"}
    assert Staff.objects.get().name == ""


def test_a_new_password_keeps_this_session_and_ends_the_others(viewer: Client) -> None:
    member = Staff.objects.get()
    other = Client()
    other.force_login(member, "django.contrib.auth.backends.ModelBackend")
    assert other.get("/").status_code == 200
    assert change(viewer).status_code == 302
    assert viewer.get("/profile").status_code == 200
    assert other.get("/").status_code == 302
    answer = Client().post("/login", {"username": member.email, "password": NEW})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"current": "wrong"}, "current"), ({"again": "something else"}, "again"),
     ({"new": "short", "again": "short"}, "password"), ({"current": ""}, "current")],
)  # fmt: skip
def test_a_password_that_cannot_be_changed_stays(
    viewer: Client, typed: dict[str, str], field: str
) -> None:
    answer = change(viewer, **typed)
    assert answer.status_code == 422
    assert answer.context["password_form"].errors.keys() == {field}
    assert NEW not in answer.content.decode()
    assert Staff.objects.get().check_password(PASSWORD)


def test_guessing_the_current_password_runs_into_the_sign_in_throttle(viewer: Client) -> None:
    statuses = [change(viewer, current=f"guess {i}").status_code for i in range(10)]
    wrong = AuditEntry.objects.filter(action="staff.sign_in_failed")
    assert {one.actor for one in wrong} == {Staff.objects.get().actor}, "who was signed in"
    assert statuses[:9] == [422] * 9
    assert statuses[9] == 429
    assert change(viewer).status_code == 429
    assert Staff.objects.get().check_password(PASSWORD)


def test_the_theme_is_chosen_from_three(viewer: Client) -> None:
    said = viewer.get("/profile").content.decode()
    for label in ("As the device", "Light", "Dark"):
        assert label in said
    answer = viewer.post("/theme", {"theme": "dark", "next": "/profile"})
    assert answer["Location"] == "/profile"
    page = viewer.get("/profile").content.decode()
    assert 'value="dark" checked' in page


def test_the_side_bar_leads_to_the_profile_and_to_what_one_may_see() -> None:
    for_all = {"/codes", "/customers", "/offers", "/profile"}
    every = for_all | {"/team", "/keys", "/webhooks", "/audit"}
    for role, shown in ((Role.VIEWER, for_all), (Role.ADMIN, every)):
        said = signed_in(role).get("/").content.decode()
        assert {address for address in every if f'href="{address}"' in said} == shown


def test_a_forgotten_password_gets_the_same_answer_for_every_address(client: Client) -> None:
    member = a_member(Role.VIEWER)
    assert "/forgotten-password" in client.get("/login").content.decode()
    assert client.get("/forgotten-password").status_code == 200
    known = client.post("/forgotten-password", {"email": member.email})
    unknown = client.post("/forgotten-password", {"email": "nobody@example.com"})
    assert known.status_code == unknown.status_code == 200
    assert known.content == unknown.content
    assert b"If this address has an account" in known.content
    assert AccountMail.objects.get(status="pending").address == member.email


def test_an_empty_address_is_asked_for_again(client: Client) -> None:
    answer = client.post("/forgotten-password", {"email": " "})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"email"}


def test_a_link_that_is_used_up_says_so_and_leads_on(client: Client) -> None:
    answer = client.get("/password/made-up")
    assert answer.status_code == 410
    said = answer.content.decode()
    assert "This link is not valid any more" in said
    assert "/forgotten-password" in said
    assert client.post("/password/made-up", {"password": NEW, "again": NEW}).status_code == 410


def test_where_no_mail_server_is_set_up_no_page_says_that_a_mail_comes(
    client: Client, settings: LazySettings, manager: Client
) -> None:
    promo_list = a_list()
    pages = [(client, "/forgotten-password"), (manager, f"/lists/{promo_list.public_id}/edit"),
             (manager, f"/lists/{promo_list.public_id}/generate")]  # fmt: skip
    for settings.EMAIL_URL, said in (("smtp://127.0.0.1:1", False), (None, True)):
        for visitor, address in pages:
            text = visitor.get(address).content.decode().lower()
            assert ("no mail server is set up" in text) is said, address
            promised = "until a mail server is set up" not in text
            assert promised is not (said and "edit" in address), address
        sent = client.post("/forgotten-password", {"email": "nobody@example.com"}).content.decode()
        assert ("ask whoever runs Promint for the link" in sent) is said
        assert ("a mail is on its way" in sent) is not said
