"""Who is warned about a list, and of what: a form of its own on the page that edits the list."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from promint.accounts import list_warnings
from promint.accounts.models import Staff
from promint.core.models import PromoList
from promint.core.rules import ListWarning
from promint.dashboard.page import Conflict, Meanwhile, names_of

MOST_PEOPLE = 500
NO_SERVER = "Nobody gets the warnings by mail until a mail server is set up."
NO_MAIL = "so nobody gets the warnings by mail"
CHOOSE = "Choose who shall get them, once a day at most."


class WarningsForm(forms.Form):
    owner = forms.ChoiceField(
        label="Looks after the list",
        widget=forms.Select(attrs={"class": "input"}),
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

    def __init__(self, promo_list: PromoList, sent: QueryDict | None = None) -> None:
        wanted = [one.value for one in ListWarning if one not in promo_list.muted]
        now: dict[str, Any] = {"owner": promo_list.owner, "wanted": wanted}
        self.meanwhile = Meanwhile(now, sent or QueryDict())
        self.conflicts: list[Conflict] = []
        super().__init__(None if sent is None else self.meanwhile.data, initial=now)
        self.fields["owner"].choices = _people(promo_list.owner)  # type: ignore[attr-defined]
        self.fields["owner"].required = bool(promo_list.owner)
        self.fields["owner"].help_text = _hint(promo_list.owner)

    def decided(self, promo_list: PromoList) -> tuple[str, list[str]]:
        """Who looks after the list and which warnings are switched off, once the form is known to
        be valid."""
        changes = self.meanwhile.changes(self.cleaned_data)
        muted = promo_list.muted
        if "wanted" in changes:
            muted = [one.value for one in ListWarning if one.value not in changes["wanted"]]
        return changes.get("owner", promo_list.owner), muted


def told(field: str, value: str) -> str:
    """The value of a field as a text for people."""
    if field == "owner":
        return names_of([value])[value] if value else "Nobody"
    return ", ".join(ListWarning(one).label for one in value.split(",") if one)


def why_nobody(owner: str) -> str:
    """Why no person gets the warnings by mail, in a sentence; empty if one does."""
    if not owner:
        return f"It is not known who made the list, {NO_MAIL}."
    if owner.startswith("key:"):
        return f"The list was made with an API key, {NO_MAIL}."
    if list_warnings.is_told(owner):
        return ""
    return (
        f"{names_of([owner])[owner]} looks after the list and cannot sign in any more, {NO_MAIL}."
    )


def _hint(owner: str) -> str:
    why = why_nobody(owner)
    if settings.EMAIL_URL is None:
        return f"{why} {NO_SERVER}".lstrip()
    return f"{why} {CHOOSE}" if why else "Gets the warnings by mail, once a day at most."


def _people(owner: str) -> list[tuple[str, str]]:
    """Actors and names: everybody who may sign in, and whoever looks after the list now."""
    staff = Staff.objects.filter(is_active=True).order_by("name", "email")[:MOST_PEOPLE]
    found = {one.actor: one.name or one.email for one in staff}
    if owner not in found:
        found[owner] = names_of([owner])[owner] if owner else "Nobody"
    return list(found.items())
