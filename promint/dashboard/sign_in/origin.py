"""Where a request comes from: its IP address, and whether its device has signed in before."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from promint.accounts import devices, network_addresses
from promint.accounts.models import Staff
from promint.accounts.signing_in import Origin


def address_of(request: HttpRequest) -> str:
    return network_addresses.plain(request.META.get("REMOTE_ADDR", ""))


def origin_of(request: HttpRequest) -> Origin:
    return Origin(address_of(request), request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""))


def remember_device(request: HttpRequest, response: HttpResponse, staff: Staff) -> None:
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        devices.remember(cookie, staff.id),
        max_age=devices.REMEMBERED,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
