"""Styles, scripts and pictures, sent from memory, so that a caller who reads slowly occupies no
thread and no open file."""

from functools import cache
from pathlib import Path

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from promint.api import asgi
from promint.api.asgi import Scope, Send

PIECE = 64 * 1024  # bytes
NEVER_LEFT_OUT = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)

_ASKED = {b"if-none-match": "HTTP_IF_NONE_MATCH", b"if-modified-since": "HTTP_IF_MODIFIED_SINCE"}


class StaticFiles:
    """WhiteNoise finds the files and makes their headers. The answers are sent here."""

    def __init__(self) -> None:
        self._files: dict[str, StaticFile] = WhiteNoiseMiddleware().files

    def __contains__(self, path: str) -> bool:
        return path in self._files

    async def __call__(self, scope: Scope, _: object, send: Send) -> None:
        asked = {
            _ASKED[name]: v.decode("latin-1") for name, v in scope["headers"] if name in _ASKED
        }
        file = self._files[scope["path"]]
        answer = file.get_response(_without_file(scope["method"]), asked)
        headers = [(k.lower().encode(), v.encode()) for k, v in answer.headers]
        if answer.status == 405:
            headers.append((b"content-length", b"0"))
        await send(asgi.start(int(answer.status), [*headers, *NEVER_LEFT_OUT]))
        content = b""
        if answer.status == 200 and scope["method"] == "GET":
            content = _content(file.get_path_and_headers(asked)[0])
        for start in range(0, len(content), PIECE):
            await send(asgi.body(content[start : start + PIECE], more=True))
        await send(asgi.body(b""))


def _without_file(method: str) -> str:
    """The method to ask WhiteNoise with. It opens the file only for GET."""
    return "HEAD" if method == "GET" else method


@cache
def _content(path: str) -> bytes:
    return Path(path).read_bytes()
