"""Who is warned about a list, and of what: a form of its own on the page that edits the list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from promint.accounts.models import Staff
from promint.accounts.roles import Permission
from promint.core import lists
from promint.core.models import PromoList
from promint.core.rules import ListWarning
from promint.dashboard.lists.state import of_list
from promint.dashboard.page import StaffRequest, names_of, needs

MOST_PEOPLE = 500
NO_MAIL = "so nobody gets the warnings by mail. Choose who shall get them, once a day at most."


class WarningsForm(forms.Form):
    owner = forms.ChoiceField(
        label="Looks after the list",
        widget=forms.Select(attrs={"class": "input"}),
        help_text="Gets the warnings by mail, once a day at most.",
        error_messages={
            "required": "Choose who looks after the list.",
            "invalid_choice": "Choose somebody who may sign in.",
        },
    )
    wanted = forms.MultipleChoiceField(
        label="Warn when",
        required=False,
        choices=[(one.value, one.label) for one in ListWarning],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, promo_list: PromoList, data: Any = None) -> None:
        wanted = [one.value for one in ListWarning if one not in promo_list.muted]
        super().__init__(data, initial={"owner": promo_list.owner, "wanted": wanted})
        self.fields["owner"].choices = _people(promo_list.owner)  # type: ignore[attr-defined]
        self.fields["owner"].required = bool(promo_list.owner)
        if why := _why_nobody(promo_list.owner):
            self.fields["owner"].help_text = f"{why}, {NO_MAIL}"


def _why_nobody(owner: str) -> str:
    """Why no person looks after the list; empty if one does."""
    if owner.startswith("key:"):
        return "The list was made with an API key"
    return "" if owner else "It is not known who made the list"


def _people(owner: str) -> list[tuple[str, str]]:
    """Actors and names: everybody who may sign in, and whoever looks after the list now."""
    staff = Staff.objects.filter(is_active=True).order_by("name", "email")[:MOST_PEOPLE]
    found = {one.actor: one.name or one.email for one in staff}
    if owner not in found:
        found[owner] = names_of([owner])[owner] if owner else "Nobody"
    return list(found.items())


@needs(Permission.MANAGE)
@require_POST
@of_list
def save(request: StaffRequest, promo_list: PromoList) -> HttpResponse:
    form = WarningsForm(promo_list, request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for es in form.errors.values() for e in es))
        return redirect("edit_list", promo_list.public_id)
    wanted = form.cleaned_data["wanted"]
    muted = [one.value for one in ListWarning if one.value not in wanted]
    owner = form.cleaned_data["owner"]
    lists.set_warnings(promo_list.public_id, owner, muted, request.user.actor)
    messages.success(request, "The warnings are saved.")
    return redirect("list", promo_list.public_id)
