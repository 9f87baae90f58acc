"""Where a sign-in leads: to the page that was wanted, or to a page that asks for patience."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from promint.dashboard.page import typed

BACKEND = "django.contrib.auth.backends.ModelBackend"


def way_on(request: HttpRequest, page: str) -> HttpResponse:
    """Leads to the page where the person was, or to what they typed there and could not send."""
    form = typed.kept(request)
    if form is None:
        return redirect(page)
    response = render(request, "sign_in/typed.html", {"typed": form, "back": page})
    typed.forget(response)
    return response


def locked_out(request: HttpRequest, seconds: int) -> HttpResponse:
    """The page after too many wrong passwords for this name, or from this address."""
    context = {"wait": timedelta(seconds=seconds)}
    response = render(request, "sign_in/locked_out.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response
