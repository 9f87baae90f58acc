"""Serves /metrics on the main port, to callers with the token."""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor

from promint.api import asgi, bearer
from promint.api.asgi import Scope, Send

ALLOW = "GET, HEAD"


class BehindToken:
    def __init__(self, token: str) -> None:
        from promint.server.metrics.page import CONTENT_TYPE, Page  # only where they are asked for

        self._token, self._kind = token.encode(), CONTENT_TYPE.encode()
        self._page = Page()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics-page")

    async def __call__(self, scope: Scope, _: object, send: Send) -> None:
        if scope["method"] not in ALLOW.split(", "):
            await _say(send, 405, b"Use GET.\n", (b"allow", ALLOW.encode()))
        elif not self._has_token(scope):
            wanted = (b"www-authenticate", b"Bearer")
            await _say(send, 401, b"Send the token of PROMINT_METRICS.\n", wanted)
        else:
            loop = asyncio.get_running_loop()
            text = await loop.run_in_executor(self._thread, self._page.text)
            await _say(send, 200, text, kind=self._kind, head=scope["method"] == "HEAD")

    def _has_token(self, scope: Scope) -> bool:
        sent = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        return hmac.compare_digest(bearer.key_of(sent).encode("latin-1"), self._token)


async def _say(
    send: Send,
    status: int,
    body: bytes,
    *more: tuple[bytes, bytes],
    kind: bytes = b"text/plain; charset=utf-8",
    head: bool = False,
) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]
    await send(asgi.start(status, headers))
    await send(asgi.body(b"" if head else body))
