"""The URLs of a code's page under Administer codes. The code in them is encrypted."""

from django.http import Http404
from django.urls import reverse

from promint.core.rules import limits
from promint.core.storage import sealed

_PURPOSE = "promint.dashboard.codes"


def page_of(typed: str) -> str:
    return reverse("code", args=[_sealed(typed)])


def cancelling(typed: str) -> str:
    return reverse("cancel_code", args=[_sealed(typed)])


def claiming(typed: str) -> str:
    return reverse("claim_code", args=[_sealed(typed)])


def _sealed(typed: str) -> str:
    return sealed.seal(_PURPOSE, typed[: limits.TYPED_CODE_CHARACTERS])


def opened(sealed_code: str) -> str:
    """The code as it was typed. Raises Http404 if no page of Promint made the URL."""
    typed = sealed.unseal(_PURPOSE, sealed_code)
    if typed is None:
        raise Http404("This address was not made by a page of Promint.")
    return typed
