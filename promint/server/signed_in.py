"""Whether a request comes from somebody who is signed in, checked before Django gets it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from promint.core.storage import Busy

# A few threads of its own, so that a flood of invented cookies holds up nobody else.
_threads = ThreadPoolExecutor(2, thread_name_prefix="sessions")


async def is_signed_in(cookies: str) -> bool:
    """`cookies`: the header. Raises Busy if the database does not answer."""
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    return await asyncio.get_running_loop().run_in_executor(_threads, _belongs_to_staff, key)


def _belongs_to_staff(session_key: str) -> bool:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    connection.close_if_unusable_or_obsolete()
    try:
        return bool(get_user(request).is_authenticated)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        raise Busy from error
