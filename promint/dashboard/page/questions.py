"""What a person is asked once before it costs: the form comes back, filled, with the questions.

Sent again with them, it is done. A form may show a question while a person types, with its key in
a hidden field: then it is not asked once more. A question is known by its words, so that another
number, or what somebody else has changed meanwhile, is asked again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

FIELD = "sure"


@dataclass(frozen=True)
class Question:
    text: str  # what will happen, then what one may do instead

    @property
    def key(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def unanswered(request: HttpRequest, texts: Iterable[str]) -> list[Question]:
    """All questions, if one of them was not asked yet; else none."""
    asked = [Question(text) for text in texts]
    answered = request.POST.getlist(FIELD)
    return asked if any(one.key not in answered for one in asked) else []
