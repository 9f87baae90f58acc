"""Who may open what: every route of the dashboard with every role."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, resolve, reverse
from django.urls.converters import IntConverter

from promint.accounts.models import Staff
from promint.accounts.roles import Permission, Role
from promint.dashboard.page.permissions import SENT, page
from promint.dashboard.urls import urlpatterns
from tests.factories import a_member, signed_in

MAY = {
    Role.VIEWER: {Permission.READ},
    Role.AGENT: {Permission.READ, Permission.SERVE},
    Role.MANAGER: {Permission.READ, Permission.SERVE, Permission.MANAGE},
    Role.ADMIN: set(Permission),
}
OPEN = {
    "sign_in",
    "sign_out",
    "theme",
    "forgotten_password",
    "set_password",
    "sign_in_code",
    "openid",
    "openid_finish",
    "openid_sign_out",
}
NEEDED = {
    Permission.READ: {
        "lists",
        "list",
        "list_codes",
        "list_claims",
        "qr_code",
        "batch_row",
        "codes",
        "code",
        "customers",
        "customer",
        "customer_by_id",
        "customer_points",
        "customer_claims",
        "customer_refusals",
        "offers",
        "offer",
        "profile",
        "change_password",
        "sign_out_everywhere",
        "two_factor",
        "turn_off_second_factor",
        "renew_recovery_codes",
        "passkeys",
        "remove_passkey",
    },
    Permission.SERVE: {
        "cancel_code",
        "claim_code",
        "claim_for_customer",
        "give_to_customer",
        "lift_lockout",
    },
    Permission.MANAGE: {
        "reverse_claim",
        "cancellations",
        "new_cancellation",
        "cancellation",
        "undo_cancellation",
        "decide_cancellation",
        "new_list",
        "archive_list",
        "copy_list",
        "edit_list",
        "end_list",
        "delete_list",
        "generate",
        "start_export",
        "print",
        "upload",
        "check_upload",
        "list_warnings",
        "list_messages",
        "handouts",
        "hand_out_in_bulk",
        "check_recipients",
        "bulk_handout",
        "bulk_handout_file",
        "bulk_handout_rejects",
        "rejects",
        "export",
        "export_file",
        "retry_batch",
        "new_offer",
        "edit_offer",
        "retire_offer",
        "bring_offer_back",
    },
    Permission.ADMINISTER: {
        "team",
        "invite",
        "change_role",
        "deactivate",
        "new_link",
        "remove_second_factor",
        "demand_second_factor",
        "keys",
        "new_key",
        "revoke_key",
        "webhooks",
        "new_webhook",
        "webhook",
        "edit_webhook",
        "switch_webhook",
        "webhook_secret",
        "test_webhook",
        "delete_webhook",
        "resend_delivery",
        "audit",
    },
}
ROUTES = [pattern for pattern in urlpatterns if pattern.name not in OPEN]


def address(pattern: URLPattern) -> str:
    converters = pattern.pattern.converters.items()
    return reverse(
        pattern.name,
        kwargs={name: 0 if isinstance(c, IntConverter) else "none" for name, c in converters},
    )


def test_every_route_needs_the_permission_that_is_written_down_here() -> None:
    declared = {pattern.name: pattern.callback.declared for pattern in urlpatterns}
    written = {name: needed for needed, names in NEEDED.items() for name in names}
    assert declared == written | dict.fromkeys(OPEN)


def test_a_route_that_declares_nothing_stops_the_start() -> None:
    def view(request: object) -> HttpResponse:
        return HttpResponse()

    with pytest.raises(ImproperlyConfigured):
        page("somewhere", view, name="somewhere")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_role_gets_in_exactly_where_it_may(role: Role, method: str) -> None:
    client = signed_in(role)
    refused = {p.name for p in ROUTES if is_refused(client.generic(method, address(p)))}
    assert refused == {p.name for p in ROUTES if p.callback.declared not in MAY[role]}


def test_a_page_has_the_methods_that_are_declared_and_no_other(admin: Client) -> None:
    for pattern in urlpatterns:
        methods = pattern.callback.methods
        wrong = {"GET", "POST", "PUT", "DELETE", "TRACE"} - set(methods)
        for method in wrong - ({"GET"} if methods == SENT else set()):
            answer = admin.generic(method, address(pattern))
            assert answer.status_code == 405, (method, pattern.name)
            assert answer.headers["Allow"] == ", ".join(methods)


def test_who_loads_what_takes_only_forms_is_led_to_the_page_with_its_button(admin: Client) -> None:
    for pattern in urlpatterns:
        if pattern.callback.methods != SENT:
            continue
        answer = admin.get(address(pattern))
        assert answer.status_code == 302, pattern.name
        page_with_it = resolve(answer["Location"])
        assert "GET" in page_with_it.func.methods, pattern.name
        for role, may in MAY.items():
            if pattern.callback.declared in may:
                assert page_with_it.func.declared in may, (pattern.name, role)
    assert admin.get("/").status_code == 200, "nobody was signed out"


def is_refused(answer: HttpResponse) -> bool:
    said = b"You may not see this page" in answer.content
    assert said == (answer.status_code == 403)
    return said


@pytest.mark.parametrize("pattern", ROUTES, ids=lambda p: p.name)
def test_signed_out_every_page_leads_to_the_sign_in(pattern: URLPattern, client: Client) -> None:
    page = address(pattern)
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer["Location"] == f"/login?next={page}"


@pytest.mark.parametrize("pattern", ROUTES, ids=lambda p: p.name)
def test_signed_out_a_page_that_is_open_stays_and_asks_to_sign_in(
    pattern: URLPattern, client: Client
) -> None:
    for method in pattern.callback.methods:
        answer = client.generic(method, address(pattern), headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert answer["Promint-Sign-In"] == "needed"


def test_a_form_sent_by_script_leads_to_its_page_all_the_same(agent: Client) -> None:
    answer = agent.post("/codes", {"code": "ABC"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer["HX-Redirect"].startswith("/codes/")
    assert "Location" not in answer


def test_a_form_that_is_out_of_date_gets_its_new_token_by_script_alone() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_member(Role.AGENT), "django.contrib.auth.backends.ModelBackend")
    assert "Promint-Form-Token" not in client.post("/codes", {"code": "ABC"})
    answer = client.post("/codes", {"code": "ABC"}, headers={"HX-Request": "true"})
    assert answer.status_code == 403
    typed = {"code": "ABC", "csrfmiddlewaretoken": answer["Promint-Form-Token"]}
    assert client.post("/codes", typed).status_code == 302


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_member(Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    for pattern in urlpatterns:
        answer = client.post(address(pattern))
        assert answer.status_code == 403, pattern.name
        assert b"This form is out of date" in answer.content


def test_someone_deactivated_is_out_at_once(viewer: Client) -> None:
    assert viewer.get("/").status_code == 200
    Staff.objects.update(is_active=False)
    assert viewer.get("/").status_code == 302
