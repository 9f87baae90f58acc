"""Keeps what was typed into a form that was sent after the session had ended, or before the person
had a second factor that is demanded, until it can be sent: in a sealed cookie, since without script
the form itself is gone. Passwords and files are never kept."""

import base64
import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from promint.core import lists
from promint.core.rules import Refused
from promint.core.storage import sealed

FOR = timedelta(minutes=10)
MOST_CHARACTERS = 3_800  # of the cookie's value; browsers take 4,096 bytes with its name
PASSWORDS = {"password", "again", "current"}
_UNSEEN = ("csrfmiddlewaretoken", "sent_once", "do", "sure")  # nobody types these
_PURPOSE = "typed before signing in"


@dataclass(frozen=True)
class Typed:
    """`path` takes the form; `fields` has a name and a value for each field."""

    path: str
    fields: list[tuple[str, str]]

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What a person typed: a label and a value for each field that has a value."""
        return [
            (_label(name), _in_words(value))
            for name, value in self.fields
            if value and name not in _UNSEEN
        ]

    @property
    def about(self) -> list[tuple[str, str]]:
        """What the form does, and for which customer, as `shown`."""
        try:
            found = resolve(urlsplit(self.path).path)
        except Resolver404:
            return []
        customer = found.kwargs.get("customer")
        said = [("Form", _label(found.url_name or ""))]
        return [*said, ("Customer", customer)] if customer else said


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _in_words(value: str) -> str:
    """The name of a list in place of its id."""
    try:
        return lists.find(value).name if value.startswith("lst_") else value
    except Refused:
        return value


def keep(request: HttpRequest, response: HttpResponse) -> None:
    """Nothing is kept of a form with a password or a file, or with more than a cookie holds."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    typed = Typed(request.get_full_path(), [one for one in fields if one[0] != _UNSEEN[0]])
    if request.FILES or PASSWORDS & set(request.POST) or not typed.shown:
        return
    packed = zlib.compress(json.dumps([typed.path, typed.fields]).encode())
    value = sealed.seal(_PURPOSE, base64.b85encode(packed).decode())
    if len(value) <= MOST_CHARACTERS:
        response.set_cookie(
            settings.TYPED_COOKIE_NAME,
            value,
            max_age=FOR,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )


def kept(request: HttpRequest) -> Typed | None:
    value = request.COOKIES.get(settings.TYPED_COOKIE_NAME, "")
    text = sealed.unseal(_PURPOSE, value, within=FOR) if value else None
    if text is None:
        return None
    path, fields = json.loads(zlib.decompress(base64.b85decode(text)))
    return Typed(path, [(name, value) for name, value in fields])


def forget(response: HttpResponse) -> None:
    response.delete_cookie(settings.TYPED_COOKIE_NAME)
