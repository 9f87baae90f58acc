"""Browsers that sign in through a provider."""

from typing import Any

import httpx
from django.http import HttpResponse
from django.test import Client

BACK = "http://127.0.0.1:8000/login/openid/callback"
ANNA = {
    "sub": "u-1",
    "email": "Anna@Example.com",
    "email_verified": True,
    "name": "Anna",
    "groups": ["everybody", "marketing", "service"],
}


def sent_away(browser: Client, page: str = "/codes") -> str:
    """Where the provider sends the browser back to."""
    begun = browser.get("/login/openid", {"next": page})
    assert begun.status_code == 302, begun.content
    there = httpx.get(begun["Location"], trust_env=False)
    assert there.status_code == 302, there.text
    assert there.headers["Location"].startswith(BACK)
    return str(there.headers["Location"])


def come(browser: Client, page: str = "/codes") -> Any:
    return browser.get(sent_away(browser, page))


def is_signed_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def refused_because(answer: HttpResponse, sentence: str) -> None:
    assert answer.status_code == 403
    assert sentence in answer.content.decode()
