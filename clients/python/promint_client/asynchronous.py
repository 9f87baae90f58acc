"""The client for programs that `await`. The same as the other one, and a test compares them."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self, TypeVar

import httpx

from promint_client import operations
from promint_client.calls import Call, Course
from promint_client.models import (
    Batch,
    Claim,
    Code,
    Customer,
    Handout,
    Offer,
    PromoList,
    Reversal,
    Validation,
)

T = TypeVar("T")


class AsyncClient:
    """`url`: where Promint is, without /api/v1. `tries`: how often one call is sent at most.
    Close it, or use it in an `async with` block."""

    def __init__(
        self, url: str, key: str, *, tries: int = 6, timeout: float = 30.0, **more: Any
    ) -> None:
        """`timeout`: seconds for one try. `more`: of httpx.AsyncClient."""
        self._tries = tries
        self._http = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout,
            **more,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def claim(
        self, code: str, customer: str, *, language: str | None = None, key: str | None = None
    ) -> Claim:
        """Claim a code as the customer typed it. `language`: of `customer_message`, as in
        Accept-Language. `key`: your idempotency key, like the number of an order."""
        return await self._send(operations.claim(code, customer, language, key))

    async def validate(
        self, code: str, customer: str, *, language: str | None = None
    ) -> Validation:
        """Whether a claim would succeed. Consumes nothing."""
        return await self._send(operations.validate(code, customer, language))

    async def read_claim(self, claim_id: str) -> Claim:
        return await self._send(operations.read_claim(claim_id))

    async def reverse(
        self,
        claim_id: str,
        *,
        reason: str | None = None,
        code: Literal["stays_used", "available_again"] = "stays_used",
    ) -> Reversal:
        """Take a claim back, with what it issued."""
        return await self._send(operations.reverse(claim_id, reason, code))

    async def customer(self, customer: str) -> Customer:
        return await self._send(operations.customer(customer))

    async def claims_of(self, customer: str) -> AsyncIterator[Claim]:
        """All claims of a customer, read page by page."""
        cursor: str | None = None
        while True:
            items, cursor = await self._send(operations.claims_of(customer, cursor))
            for item in items:
                yield item
            if cursor is None:
                return

    async def create_offer(
        self, name: str, description: str = "", *, key: str | None = None
    ) -> Offer:
        return await self._send(operations.create_offer(name, description, key))

    async def create_list(
        self,
        name: str,
        type: Literal["single_use", "multi_use", "third_party"],
        starts_at: datetime,
        ends_at: datetime,
        outcomes: Mapping[str, Any],
        *,
        key: str | None = None,
        **more: Any,
    ) -> PromoList:
        """`outcomes`: points, offers (ids), tags. `more`: further fields of the API, like
        `entry_cap`, `code` or `timezone`."""
        wanted = operations.create_list(name, type, starts_at, ends_at, outcomes, more, key)
        return await self._send(wanted)

    async def read_list(self, list_id: str) -> PromoList:
        return await self._send(operations.read_list(list_id))

    async def lists(self, **filters: Any) -> AsyncIterator[PromoList]:
        """All lists, read page by page. `filters`: search, type, status, sort, archived."""
        seen = 0
        while items := await self._send(operations.find_lists(filters, seen)):
            for item in items:
                yield item
            seen += len(items)

    async def generate(
        self,
        list_id: str,
        quantity: int,
        *,
        name: str = "",
        notify: Sequence[str] = (),
        key: str | None = None,
    ) -> Batch:
        """Ask for codes. They can be claimed when the batch is active: see `wait_for`."""
        wanted = operations.generate(list_id, quantity, name, notify, key)
        return await self._send(wanted)

    async def read_batch(self, batch_id: str) -> Batch:
        return await self._send(operations.read_batch(batch_id))

    async def wait_for(self, batch: Batch, *, seconds: float = 600.0) -> Batch:
        """The batch when it is active or failed. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while batch.status == "pending":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{batch.id} is still pending.")
            await asyncio.sleep(0.5)
            batch = await self.read_batch(batch.id)
        return batch

    async def codes_of(self, batch_id: str) -> AsyncIterator[str]:
        """All codes of a batch, read page by page."""
        cursor: str | None = None
        while True:
            items, cursor = await self._send(operations.codes_of(batch_id, cursor))
            for item in items:
                yield item
            if cursor is None:
                return

    async def read_code(self, code: str) -> Code:
        return await self._send(operations.read_code(code))

    async def cancel_code(self, code: str, *, reason: str | None = None) -> Code:
        return await self._send(operations.cancel_code(code, reason))

    async def hand_out(
        self, list_id: str, recipient: str, *, early: bool = False, key: str | None = None
    ) -> Handout:
        """Hand a code out. The same recipient gets the same code again."""
        return await self._send(operations.hand_out(list_id, recipient, early, key))

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Any:
        """Any other operation: `path` after /api/v1. Answers the JSON; repeated like the rest."""
        return await self._send(operations.anything(method, path, body, query or {}, key))

    async def _send(self, call: Call[T]) -> T:
        course = Course(call, self._tries)
        while True:
            try:
                answer = await self._http.request(**course.call.arguments())
            except httpx.TransportError as error:
                pause: float | None = course.failed(error)
            else:
                pause = course.answered(answer)
            if pause is None:
                return course.result
            await asyncio.sleep(pause)
