"""The paths of requests as they were sent.

A customer's id may contain a slash: /customers/a%2Fclaims is the profile of "a/claims", and
/customers/a/claims are the claims of "a". Django routes by the decoded path, in which both are
equal. So under /api/ Django is given the path with every segment encoded, and the operations decode
it.
"""

from urllib.parse import quote, unquote_to_bytes

from django.http import HttpRequest

_UNRESERVED = "-._~!$&'()*+,;=:@"  # in a segment, besides letters and digits


def sent(request: HttpRequest) -> str:
    """The path with each segment percent-encoded in the way in which routes are written.

    The ASGI server passes on the raw path (a2wsgi puts its scope into the environment). A plain
    WSGI server does not, and then an encoded slash cannot be told from a slash.
    """
    raw: bytes | None = request.META.get("asgi.scope", {}).get("raw_path")
    if raw is None:
        return quote(request.path_info, safe=_UNRESERVED + "/")
    segments = (unquote_to_bytes(segment) for segment in raw.split(b"/"))
    return "/".join(quote(segment, safe=_UNRESERVED) for segment in segments)


def decoded(segments: str) -> str | None:
    """The decoded value in a place of the route; None if it is not UTF-8."""
    try:
        return unquote_to_bytes(segments).decode("utf-8")
    except UnicodeDecodeError:
        return None
