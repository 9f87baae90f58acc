"""The four roles to choose from, with what each may do."""

from django import forms

from promint.accounts.roles import Role

MAY = {
    Role.VIEWER: "Reads lists, batches, customers and offers, and looks codes up.",
    Role.AGENT: "Also gives and cancels codes, claims for customers and lifts lockouts.",
    Role.MANAGER: "Also creates and edits lists and offers, generates, uploads, exports, prints and"
    " hands out codes, cancels many at once, and takes claims back.",
    Role.ADMIN: "Also looks after the team, API keys, webhooks and the audit log.",
}


class RoleField(forms.ChoiceField):
    def __init__(self) -> None:
        choices = [(role.value, role.value.capitalize()) for role in Role]
        said = {"required": "Choose a role."}
        super().__init__(
            label="Role", choices=choices, widget=forms.RadioSelect, error_messages=said
        )


def choices(chosen: str) -> list[tuple[Role, str, bool]]:
    return [(role, words, role == chosen) for role, words in MAY.items()]
