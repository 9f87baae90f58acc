"""The pages that say what went wrong."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string

from promint.accounts.hashing import LONGEST_WAIT
from promint.core.storage import has_committed, stored_files
from promint.dashboard.page.context import chosen_theme

_WORDS = {  # status, heading, what it means and what to do
    "bad_request": (
        400,
        "This request makes no sense",
        "A part of the form was cut off or changed on the way. Go back and try again.",
    ),
    "forbidden": (
        403,
        "You may not see this page",
        "Your role does not include this. An administrator of your team can change your role.",
    ),
    "stale_form": (
        403,
        "This form is out of date",
        "Nothing was saved. Go back, load the page again, and send it once more.",
    ),
    "second_factor_needed": (
        403,
        "Everybody here signs in with a second factor now",
        "Nothing was sent. Open your profile in another tab and set up yours there. What you typed"
        " stays here: send it once more then.",
    ),
    "not_found": (
        404,
        "There is nothing here",
        "The address is mistyped, or what it leads to does not exist any more.",
    ),
    "failed": (
        500,
        "Something broke",
        "This is an error in Promint, which its log describes. Nothing was saved.",
    ),
    "failed_later": (
        500,
        "Something broke",
        "This is an error in Promint, which its log describes. Your change may have been saved."
        " Look before you send it again.",
    ),
    "busy": (
        503,
        "The database is busy",
        "Nothing was changed. Wait a moment, then try again.",
    ),
    "no_room": (
        503,
        "The server’s disk is full",
        "Nothing was changed. Ask who runs Promint for room on it, then try again.",
    ),
    "crowded": (
        429,
        "Many passwords are being checked",
        "Nothing was saved. Wait a few seconds, then go back and send it again.",
    ),
    "outcome_unknown": (
        503,
        "The database stopped answering",
        "Your change may or may not have been saved. Look before you try again.",
    ),
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, *_WORDS["bad_request"])


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, *_WORDS["forbidden"])


def second_factor_needed(request: HttpRequest) -> HttpResponse:
    return _page(request, *_WORDS["second_factor_needed"])


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is not valid: another tab has signed in or out, or another
    site sent the form and cannot know the token."""
    response = _page(request, *_WORDS["stale_form"])
    if "HX-Request" in request.headers:
        response["Promint-Form-Token"] = get_token(request)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, *_WORDS["not_found"])


def not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page for somebody who typed or reloaded an address that takes only forms."""
    shown = _page(
        request,
        405,
        "There is nothing to see here",
        "This address only takes a form that is sent to it. Go back to the page with the form.",
    )
    shown["Allow"] = response["Allow"]
    return shown


def no_such(request: HttpRequest, what: str) -> HttpResponse:
    """The page for something that does not exist. `what`: core's sentence about it."""
    return _page(request, 404, "There is nothing here", what)


def refused(request: HttpRequest, why: str) -> HttpResponse:
    """The page for an unexpected refusal: something changed since the page was loaded."""
    return _page(request, 409, "This cannot be done now", why)


def failed(request: HttpRequest) -> HttpResponse:
    """The page for an exception that no view expects, called while it is handled."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return busy(request)
    if stored_files.found_no_room(sys.exception()):
        return _bare_page(request, *_WORDS["no_room"])
    return _bare_page(request, *_WORDS["failed_later" if has_committed() else "failed"])


def busy(request: HttpRequest) -> HttpResponse:
    return _bare_page(request, *_WORDS["outcome_unknown" if has_committed() else "busy"])


def crowded(request: HttpRequest) -> HttpResponse:
    response = _bare_page(request, *_WORDS["crowded"])
    response["Retry-After"] = str(2 * round(LONGEST_WAIT.total_seconds()))
    return response


def outcome_unknown(request: HttpRequest) -> HttpResponse:
    return _bare_page(request, *_WORDS["outcome_unknown"])


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """The page has the side bar if the person is signed in."""
    user = getattr(request, "user", None)
    layout = "page/page.html" if user is not None and user.is_authenticated else "page/plain.html"
    context = {"title": title, "text": text, "layout": layout}
    return render(request, "page/error.html", context, status=status)


def _bare_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page that needs nothing from the database, which may be what failed."""
    context = {
        "title": title,
        "text": text,
        "layout": "page/plain.html",
        "theme": chosen_theme(request),
    }
    return HttpResponse(render_to_string("page/error.html", context), status=status)
