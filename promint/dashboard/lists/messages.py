"""What customers read when a code of this list is refused: a form of its own on the page that edits
the list."""

from typing import Any

from django import forms

from promint.core.models import PromoList
from promint.core.rules import CUSTOMER_MESSAGES, OWN_MESSAGES, Verdict, limits
from promint.dashboard.page import Text, text_input

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

    def __init__(self, promo_list: PromoList, data: Any = None) -> None:
        super().__init__(data, initial=promo_list.customer_messages)
        for verdict in OWN_MESSAGES:
            self.fields[verdict.value] = Text(
                label=LABELS[verdict],
                required=False,
                max_length=limits.MESSAGE_CHARACTERS,
                widget=text_input(autocomplete="off", placeholder=CUSTOMER_MESSAGES[verdict]),
            )

    @property
    def typed(self) -> dict[str, str]:
        """What is not empty, once the form is known to be valid."""
        return {name: text for name, text in self.cleaned_data.items() if text.strip()}
