"""Questions that a person must answer once before an action with high costs. The form is shown
again, filled, with the questions.

When it is sent again with the questions, the action is done. A form may show a question while a
person types, with its key in a hidden field; then it is not asked again. A question is identified
by its words, so that it is asked again if a number in it differs, or somebody else has changed
something meanwhile.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

FIELD = "sure"


@dataclass(frozen=True)
class Question:
    text: str  # what will happen, then what the person may do instead

    @property
    def key(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def unanswered(request: HttpRequest, texts: Iterable[str]) -> list[Question]:
    """All questions if one of them was not asked yet; otherwise none."""
    asked = [Question(text) for text in texts]
    answered = request.POST.getlist(FIELD)
    return asked if any(one.key not in answered for one in asked) else []
