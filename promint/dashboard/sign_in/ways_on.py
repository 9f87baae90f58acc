"""Where a sign-in leads: to the page that was wanted, or to a page that asks for patience."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from promint.dashboard.page import typed

BACKEND = "django.contrib.auth.backends.ModelBackend"


def own_page(request: HttpRequest) -> str:
    """The page that the address's `next` names, if it is one of ours; else the lists."""
    page: str = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()})
    return page if ours else reverse("lists")


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
