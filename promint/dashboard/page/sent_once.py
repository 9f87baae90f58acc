"""Forms that create something have a token, so that a form that is sent twice creates one thing."""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from typing import TypeVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from promint.core.claiming import Answer, answered_once, kept_answers
from promint.dashboard.page.permissions import StaffRequest

T = TypeVar("T")

FIELD = "sent_once"
_TOKEN = re.compile("[0-9a-f]{32}")
_SEE_OTHER = 302


def token_field() -> SafeString:
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, secrets.token_hex(16))


def sent_once(request: StaffRequest, make: Callable[[], str]) -> tuple[str, bool]:
    """The URL to which `make` leads, and whether something was made just now.

    If the same form is sent again, it leads to the same URL and makes nothing. A form with other
    values is another form. Raises what `make` raises.
    """
    if (key := form_key(request)) is None:
        return make(), True
    digest = hashlib.sha256(key.encode()).digest()
    answer = answered_once(
        (key, request.user.actor), digest, lambda: Answer(_SEE_OTHER, make().encode())
    )
    if isinstance(answer, kept_answers.Kept):
        return answer.answer.body.decode(), False
    return answer.body.decode(), True


def form_key(request: StaffRequest) -> str | None:
    """An idempotency key, from this form and the values in it. None if the form has no token."""
    token = request.POST.get(FIELD, "")
    return f"form {token} {_typed(request).hex()}" if _TOKEN.fullmatch(token) else None


def made_once(request: StaffRequest, make: Callable[[], T]) -> T | None:
    """What `make` made just now; None if the same form made it before."""
    made: list[T] = []

    def keep() -> str:
        made.append(make())
        return ""

    _, new = sent_once(request, keep)
    return made[-1] if new else None


def _typed(request: StaffRequest) -> bytes:
    """A digest of the form's values, including its files."""
    fields = {name: typed for name, typed in request.POST.lists() if name != "csrfmiddlewaretoken"}
    digest = hashlib.sha256(json.dumps([request.path, fields], sort_keys=True).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            digest.update(f"{name} {file.name}".encode())
            for chunk in file.chunks():
                digest.update(chunk)
    return digest.digest()
