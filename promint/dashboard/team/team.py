"""The team: accounts, invitations, roles, and the deactivation of accounts."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from promint.accounts import links, mails, second_factor, staff
from promint.accounts.models import Staff
from promint.accounts.roles import Permission, Role
from promint.core import lists
from promint.core.rules import Refused, limits
from promint.core.storage import database_now
from promint.dashboard.page import (
    Paging,
    StaffRequest,
    Text,
    add_refusal,
    needs,
    sent_once,
    text_input,
)
from promint.dashboard.team import role_choice

PER_PAGE = 50


class InviteForm(forms.Form):
    email = Text(
        label="E-mail",
        max_length=limits.ADDRESS_CHARACTERS,
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "off", "autofocus": True}),
        help_text="It is the name to sign in with, and cannot change later.",
        error_messages={"required": "Enter the e-mail address to invite."},
    )
    name = Text(
        required=False, max_length=limits.NAME_CHARACTERS, widget=text_input(autocomplete="off")
    )
    role = role_choice.RoleField()

    def clean(self) -> None:
        """Finds everything that is wrong at once."""
        typed = self.cleaned_data
        found = staff.problems(email=typed.get("email"), name=typed.get("name"))
        if found == {"email": staff.TAKEN} and not self.errors:
            return  # perhaps by this form, if it was sent twice: inviting finds out
        for field, problem in found.items():
            self.add_error(field, problem)


class RoleForm(forms.Form):
    role = role_choice.RoleField()


@needs(Permission.ADMINISTER)
def index(request: HttpRequest) -> HttpResponse:
    return _page(request)


@needs(Permission.ADMINISTER)
def invite(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        form = InviteForm(initial={"role": Role.AGENT})
        return _page(request, dialog="team/invite.html", form=form)
    form = InviteForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            member_id, new = sent_once(request, lambda: _invited(typed, request.user.actor))
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            return _link_page(request, staff.find(int(member_id)), mail=new)
    return _page(request, 422, dialog="team/invite.html", form=form)


def _invited(typed: dict[str, Any], actor: str) -> str:
    """Their id."""
    return str(staff.invite(typed["email"], Role(typed["role"]), typed["name"], actor).id)


@needs(Permission.ADMINISTER)
def change_role(request: StaffRequest, staff_id: int) -> HttpResponse:
    member = staff.find(staff_id)
    dialog: dict[str, Any] = {"dialog": "team/role.html", "member": member}
    if request.method != "POST":
        return _page(request, form=RoleForm(initial={"role": member.role}), **dialog)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            role = Role(form.cleaned_data["role"])
            staff.change_role(staff_id, role, request.user.actor)
        except Refused as refused:
            add_refusal(form, refused, {})
        else:
            messages.success(
                request, f"{member.email} is {role.value} now, and has to sign in again."
            )
            return redirect("team")
    return _page(request, 422, form=form, **dialog)


@needs(Permission.ADMINISTER)
def deactivate(request: StaffRequest, staff_id: int) -> HttpResponse:
    member = staff.find(staff_id)
    dialog: dict[str, Any] = {
        "dialog": "team/deactivate.html",
        "member": member,
        "looked_after": lists.looked_after(member.actor, database_now()),
    }
    if request.method != "POST":
        return _page(request, **dialog)
    try:
        staff.deactivate(staff_id, request.user.actor)
    except Refused as refused:
        problem = " ".join(refused.fields.values())
        return _page(request, 422, problem=problem, **dialog)
    messages.success(request, f"{member.email} is deactivated and signed out.")
    return redirect("team")


@needs(Permission.ADMINISTER)
@require_POST
def new_link(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Make a link for somebody who was invited or deactivated, who can sign in again with it."""
    return _link_page(request, staff.reactivate(staff_id, request.user.actor))


@needs(Permission.ADMINISTER)
def remove_second_factor(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Of somebody who has lost phone and recovery codes."""
    member = staff.find(staff_id)
    if request.method != "POST":
        return _page(request, dialog="team/second_factor.html", member=member)
    second_factor.turn_off(staff_id, request.user.actor)
    messages.success(request, f"{member.email} signs in with the password alone now.")
    return redirect("team")


@needs(Permission.ADMINISTER)
@require_POST
def demand_second_factor(request: StaffRequest) -> HttpResponse:
    wanted = request.POST.get("demanded") == "yes"
    try:
        second_factor.demand(wanted, request.user)
    except Refused as refused:
        messages.error(request, " ".join(refused.fields.values()))
    else:
        decided = "Everybody has to set one up." if wanted else "Each person decides."
        messages.success(request, f"Second factor: {decided}")
    return redirect("team")


def _link_page(request: HttpRequest, member: Staff, *, mail: bool = True) -> HttpResponse:
    """Shows the link, only this once. It is made only for people without a password, because
    with it others could take over an account."""
    more: dict[str, Any] = {"member": member}
    if not member.has_usable_password():
        more["link"] = links.address_of(member)
        if settings.EMAIL_URL is not None and mail:
            mails.invite(member.id)
    return _page(request, dialog="team/link.html", **more)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    members = Staff.objects.order_by("-is_active", "email")
    paging = Paging(request.GET.get("page", ""), members.count(), PER_PAGE)
    chosen = more["form"]["role"].value() if "form" in more else ""
    context = {
        "section": "team",
        "members": members[paging.start : paging.stop],
        "paging": paging,
        "last_admin": staff.last_admin(),
        "roles": role_choice.choices(chosen),
        **more,
    }
    return render(request, "team/index.html", context, status=status)
