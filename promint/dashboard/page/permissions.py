"""Every page declares here who may see it. A route without a declaration prevents the start."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from promint.accounts import sessions
from promint.accounts.hashing import Crowded
from promint.accounts.models import Staff
from promint.accounts.roles import Permission
from promint.core.rules import Refusal, Refused
from promint.core.storage import Busy, OutcomeUnknown
from promint.dashboard.page import errors, typed, way_back

View = Callable[..., HttpResponseBase]
# The methods of a page.
READ = ("GET", "HEAD")
SENT = ("POST",)
READ_AND_SENT = READ + SENT


class StaffRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: Staff
    htmx: Any  # django_htmx.middleware.HtmxDetails


def needs(
    permission: Permission, *, also_without_second_factor: bool = False
) -> Callable[[View], View]:
    """Lets only staff with this permission in, and shows times in their zone. Who has to set up a
    second factor is led there from all other pages."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not isinstance(request.user, Staff):
                return _to_sign_in(request)
            if not also_without_second_factor and _must_set_up_second_factor(request):
                return _to_second_factor(request)
            if not request.user.may(permission):
                raise PermissionDenied
            with timezone.override(ZoneInfo(request.user.time_zone or settings.TIME_ZONE)):
                response = _answer(guarded, view, request, *args, **kwargs)
            way_back.keep(request, response)
            add_never_cache_headers(response)
            return response

        guarded.declared = permission  # type: ignore[attr-defined]
        guarded.methods = READ_AND_SENT  # type: ignore[attr-defined]
        return guarded

    return declare


def _must_set_up_second_factor(request: HttpRequest) -> bool:
    """Whoever the company's provider let in has shown there what it asks for."""
    must = isinstance(request.user, Staff) and request.user.must_set_up_second_factor
    return must and not sessions.is_through_provider(request.session)


def open_to_all(view: View) -> View:
    """For pages that people need before they are signed in."""

    @wraps(view)
    def declared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _answer(declared, view, request, *args, **kwargs)

    declared.declared = None  # type: ignore[attr-defined]
    declared.methods = READ_AND_SENT  # type: ignore[attr-defined]
    return declared


def page(
    route: str,
    view: View,
    name: str,
    methods: tuple[str, ...] = READ_AND_SENT,
    button_on: tuple[str, ...] = (),
) -> URLPattern:
    """A route of the dashboard. Its view must be declared by `needs` or `open_to_all`.

    `button_on`: for a route that takes only forms, the name of the page with its button, and which
    of the route's arguments that page has. Who loads the route again is led there.
    """
    if not hasattr(view, "declared"):
        raise ImproperlyConfigured(f"The page {route!r} does not say who may see it.")
    if (methods == SENT) != bool(button_on):
        raise ImproperlyConfigured(f"The page {route!r} does not say where its button is.")
    view.methods = methods  # type: ignore[attr-defined]
    view.button_on = button_on  # type: ignore[attr-defined]
    return path(route, view, name=name)


def _answer(
    declared: Any, view: View, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    if request.method in READ and declared.methods == SENT:
        name, *of = declared.button_on
        return _whole_page(request, redirect(name, **{one: kwargs[one] for one in of}))
    if request.method not in declared.methods:
        return errors.not_allowed(request, HttpResponseNotAllowed(declared.methods))
    try:
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            return errors.not_allowed(request, response)
        return _whole_page(request, response)
    except Refused as refused:
        if refused.refusal is Refusal.NOT_FOUND:
            return errors.no_such(request, refused.detail)
        return errors.refused(request, refused.detail)
    except Busy:
        return errors.busy(request)
    except Crowded:
        return errors.crowded(request)
    except OutcomeUnknown:
        return errors.outcome_unknown(request)


def _whole_page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """If HTMX sent a form, let its answer load the next page as if the browser had sent the
    form."""
    if "HX-Request" in request.headers and isinstance(response, HttpResponseRedirect):
        response["HX-Redirect"] = response["Location"]
        del response["Location"]
        response.status_code = 200
    return response


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask HTMX to show the sign-in over the open page, so that what is typed there is kept."""
    if "HX-Request" not in request.headers:
        response: HttpResponse = redirect_to_login(_page_to_return_to(request))
        if request.method == "POST":
            typed.keep(request, response)
        return response
    response = HttpResponse(status=401)
    response["Promint-Sign-In"] = "needed"
    return response


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    """HTMX shows a sentence beside what was clicked, so that what is typed on the page is kept."""
    if "HX-Request" in request.headers:
        return errors.second_factor_needed(request)
    response = redirect("two_factor")
    if request.method == "POST":
        typed.keep(request, response)
    return response


def _page_to_return_to(request: HttpRequest) -> str:
    """The page to return to after signing in. If a form was sent, this is the page from which it
    was sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    sender = request.META.get("HTTP_REFERER", "")
    ours = url_has_allowed_host_and_scheme(sender, {request.get_host()})
    return urlsplit(sender)._replace(scheme="", netloc="", fragment="").geturl() if ours else "/"
