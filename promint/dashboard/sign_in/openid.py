"""Signing in through the company's provider: to it, back from it, and signing out there too.

What talks to the provider is imported when somebody signs in: it costs every start a tenth of a
second otherwise.
"""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from promint.accounts import sessions
from promint.accounts.models import Staff
from promint.accounts.roles import Role
from promint.dashboard.page import open_to_all
from promint.dashboard.sign_in.origin import address_of, remember_device
from promint.dashboard.sign_in.sign_in import SignIn
from promint.dashboard.sign_in.ways_on import BACKEND, own_page, way_on
from promint.openid_settings import OpenId

log = logging.getLogger("promint.sign_in")


@open_to_all
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """A link, not a form: the policy of our pages lets no form end at another site."""
    from promint.accounts import openid

    company, page = _company(), own_page(request)
    if isinstance(request.user, Staff):
        return redirect(page)
    try:
        address, cookie = openid.begin(company, _back(), page)
    except openid.ProviderFailed as failed:
        return _no_answer(request, failed)
    response = redirect(address)
    response.set_cookie(
        settings.UNDER_WAY_COOKIE_NAME,
        cookie,
        max_age=openid.FOR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",  # it comes along when the provider's page leads back
    )
    return response


@open_to_all
@never_cache
def finish(request: HttpRequest) -> HttpResponse:
    """The browser comes back from the provider."""
    from promint.accounts import openid

    company = _company()
    cookie = request.COOKIES.get(settings.UNDER_WAY_COOKIE_NAME, "")
    try:
        person, page = openid.finish(company, _back(), cookie, request.GET.dict())
        entered = openid.enter(company, person, address_of(request))
        response = _enters(request, entered.staff, page)
        if entered.kept_from is not None:
            messages.warning(request, _stays_admin(company, entered.kept_from))
    except openid.ProviderFailed as failed:
        response = _no_answer(request, failed)
    except openid.NoEntry as refusal:
        log.info("Not let in through the provider: %s", refusal.why.name.lower())
        context = {"why": refusal.why, "next": own_page(request)}
        response = render(request, "sign_in/no_entry.html", context, status=403)
    response.delete_cookie(settings.UNDER_WAY_COOKIE_NAME)
    return response


@open_to_all
@never_cache
def sign_out_there(request: HttpRequest) -> HttpResponse:
    """After signing out here, on a computer that others use too."""
    from promint.accounts import openid

    back = settings.BASE_URL + reverse("sign_in")
    try:
        address = openid.sign_out_address(_company(), back)
    except openid.ProviderFailed as failed:
        return _no_answer(request, failed)
    return redirect(address or "sign_in")


def _company() -> OpenId:
    company: OpenId | None = settings.OPENID
    if company is None:
        raise Http404
    return company


def _back() -> str:
    return f"{settings.BASE_URL}{reverse('openid_finish')}"


def _enters(request: HttpRequest, staff: Staff, page: str) -> HttpResponse:
    login(request, staff, BACKEND)
    sessions.note_provider(request.session)
    response = way_on(request, page)
    remember_device(request, response, staff)
    return response


def _stays_admin(company: OpenId, other: Role) -> str:
    return (
        f"By your groups at {company.name} you would be {other.value} now. You stay admin, because"
        " there is no other administrator who can sign in. Make somebody else an administrator."
    )


def _no_answer(request: HttpRequest, failed: Exception) -> HttpResponse:
    """The sign-in page, where a password may be typed instead."""
    log.warning("The sign-in provider cannot be used: %s", failed)
    view = SignIn(extra_context={"no_answer": True})
    view.setup(request)
    response = view.render_to_response(view.get_context_data())
    response.status_code = 503
    return response
