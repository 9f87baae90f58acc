"""Sends runs of deliveries, many at the same time, in an event loop with a thread of its own.
Nothing here uses the database."""

import asyncio
import ssl
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime

import httpx
from standardwebhooks.webhooks import Webhook as Signing

from promint.core import failpoints
from promint.core.events import deliveries
from promint.core.rules import Allowed, limits
from promint.core.webhook_tables import Delivery
from promint.worker import reasons
from promint.worker.webhooks import connecting
from promint.worker.webhooks.connecting import Unreachable

TIMEOUT = 15.0  # seconds for a delivery as a whole
# If an address does not answer, there is time for another.
_EACH = httpx.Timeout(TIMEOUT, connect=5.0)
RUN_SECONDS = 5.0  # seconds after which a run ends, so that what arrived is noted
ANSWER_BYTES = 4 * limits.WEBHOOK_ANSWER_CHARACTERS
UNREADABLE = (
    "Its secret cannot be read: PROMINT_SECRET_KEY of the worker's machine is another than when the"
    " secret was made. Give all machines the one that it had then. If that is lost, replace the"
    " endpoint's secret, and give your system the new one."
)


class Sender:
    """`send` may be called from any thread. The result comes as a future."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._trust = ssl.create_default_context()
        self._stopping = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="webhook-sender", daemon=True
        )
        self._thread.start()

    def send(self, run: deliveries.Run) -> Future[list[deliveries.Tried]]:
        return asyncio.run_coroutine_threadsafe(self._send(run), self._loop)

    def finish_soon(self) -> None:
        """Let runs end after the delivery that is being sent."""
        self._stopping.set()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _send(self, run: deliveries.Run) -> list[deliveries.Tried]:
        """Send in order, up to the first delivery that does not arrive."""
        tried: list[deliveries.Tried] = []
        ends = time.monotonic() + RUN_SECONDS
        async with httpx.AsyncClient(verify=self._trust, trust_env=False, timeout=_EACH) as client:
            for delivery in run.deliveries:
                tried.append(await self._try(client, run, delivery))
                failpoints.reach("webhooks.sent")
                if tried[-1].error or time.monotonic() > ends or self._stopping.is_set():
                    break
        return tried

    async def _try(
        self, client: httpx.AsyncClient, run: deliveries.Run, delivery: Delivery
    ) -> deliveries.Tried:
        if not run.secrets:
            return deliveries.Tried(delivery, error=UNREADABLE)
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._post(client, run.webhook.url, run.secrets, delivery)
        except TimeoutError:
            return deliveries.Tried(
                delivery, error=f"The receiver did not answer within {TIMEOUT:.0f} s."
            )
        except Unreachable as why:
            return deliveries.Tried(delivery, error=str(why))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as why:
            words = _one_line(reasons.of_connection(why))
            return deliveries.Tried(delivery, error=f"The receiver could not be reached: {words}.")

    async def _post(
        self, client: httpx.AsyncClient, url: str, secrets: list[str], delivery: Delivery
    ) -> deliveries.Tried:
        to = await connecting.addresses(url, self._allowed)
        headers = signed(secrets, delivery, datetime.now(UTC))
        response = await connecting.post(client, url, to, headers, delivery.body)
        try:
            answer = await _beginning(response)
        finally:
            await response.aclose()
        error = None if response.is_success else _not_taken(response.status_code)
        return deliveries.Tried(delivery, response.status_code, answer, error)


def signed(secrets: list[str], delivery: Delivery, at: datetime) -> dict[str, str]:
    """The headers of a delivery, as defined by Standard Webhooks 1.0, with a signature by each
    secret."""
    by_each = [Signing(secret).sign(delivery.event_id, at, delivery.body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Promint",
        "Accept-Encoding": "identity",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(by_each),
    }


async def _beginning(response: httpx.Response) -> str:
    read = b""
    async for part in response.aiter_raw():
        read += part
        if len(read) >= ANSWER_BYTES:
            break
    text = read.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return text[: limits.WEBHOOK_ANSWER_CHARACTERS]


def _not_taken(status: int) -> str:
    if 300 <= status < 400:
        return f"The receiver answered {status}, a redirect, and those are not followed."
    if status == 410:
        return "The receiver answered 410: it is gone for good. The endpoint is disabled."
    return f"The receiver answered {status}."


def _one_line(words: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(printable.split())[:300]
