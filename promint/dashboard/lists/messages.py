"""What customers read when a code of this list is refused: a form of its own on the page that edits
the list."""

from django import forms
from django.http import QueryDict

from promint.core.models import PromoList
from promint.core.rules import CUSTOMER_MESSAGES, OWN_MESSAGES, Verdict, limits
from promint.dashboard.page import Conflict, Meanwhile, Text, text_input

LABELS = {
    Verdict.CODE_CANCELLED: "The code is cancelled",
    Verdict.ALREADY_CLAIMED_BY_CUSTOMER: "The same customer claimed it",
    Verdict.CODE_ALREADY_CLAIMED: "Another customer claimed it",
    Verdict.CODE_NOT_ACTIVE: "The list has not started",
    Verdict.CODE_EXPIRED: "The list has ended",
    Verdict.CAP_REACHED: "The cap is reached",
}
FIELDS = {f"customer_messages.{verdict}": verdict.value for verdict in OWN_MESSAGES}


class MessagesForm(forms.Form):
    """A field for each verdict, which shows the usual sentence while it is empty."""

    def __init__(self, promo_list: PromoList, sent: QueryDict | None = None) -> None:
        own = promo_list.customer_messages
        now = {verdict.value: own.get(verdict.value, "") for verdict in OWN_MESSAGES}
        self.meanwhile = Meanwhile(now, sent or QueryDict())
        self.conflicts: list[Conflict] = []
        super().__init__(None if sent is None else self.meanwhile.data, initial=own)
        for verdict in OWN_MESSAGES:
            self.fields[verdict.value] = Text(
                label=LABELS[verdict],
                required=False,
                max_length=limits.MESSAGE_CHARACTERS,
                widget=text_input(autocomplete="off", placeholder=CUSTOMER_MESSAGES[verdict]),
            )

    def sentences(self, promo_list: PromoList) -> dict[str, str]:
        """All that the list is to have, once the form is known to be valid."""
        wanted = promo_list.customer_messages | self.meanwhile.changes(self.cleaned_data)
        return {name: text for name, text in wanted.items() if text.strip()}
