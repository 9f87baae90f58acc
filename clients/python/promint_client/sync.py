"""The client that waits for each answer."""

import time
from collections.abc import Iterator, Mapping, Sequence
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


class Client:
    """`url`: where Promint is, without /api/v1. `tries`: how often one call is sent at most.
    Close it, or use it in a `with` block."""

    def __init__(
        self, url: str, key: str, *, tries: int = 6, timeout: float = 30.0, **more: Any
    ) -> None:
        """`timeout`: seconds for one try. `more`: of httpx.Client."""
        self._tries = tries
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout,
            **more,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def claim(
        self, code: str, customer: str, *, language: str | None = None, key: str | None = None
    ) -> Claim:
        """Claim a code as the customer typed it. `language`: of `customer_message`, as in
        Accept-Language. `key`: your idempotency key, like the number of an order."""
        return self._send(operations.claim(code, customer, language, key))

    def validate(self, code: str, customer: str, *, language: str | None = None) -> Validation:
        """Whether a claim would succeed. Consumes nothing."""
        return self._send(operations.validate(code, customer, language))

    def read_claim(self, claim_id: str) -> Claim:
        return self._send(operations.read_claim(claim_id))

    def reverse(
        self,
        claim_id: str,
        *,
        reason: str | None = None,
        code: Literal["stays_used", "available_again"] = "stays_used",
    ) -> Reversal:
        """Take a claim back, with what it issued."""
        return self._send(operations.reverse(claim_id, reason, code))

    def customer(self, customer: str) -> Customer:
        return self._send(operations.customer(customer))

    def claims_of(self, customer: str) -> Iterator[Claim]:
        """All claims of a customer, read page by page."""
        cursor: str | None = None
        while True:
            items, cursor = self._send(operations.claims_of(customer, cursor))
            yield from items
            if cursor is None:
                return

    def create_offer(self, name: str, description: str = "", *, key: str | None = None) -> Offer:
        return self._send(operations.create_offer(name, description, key))

    def create_list(
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
        return self._send(wanted)

    def read_list(self, list_id: str) -> PromoList:
        return self._send(operations.read_list(list_id))

    def lists(self, **filters: Any) -> Iterator[PromoList]:
        """All lists, read page by page. `filters`: search, type, status, sort, archived."""
        seen = 0
        while items := self._send(operations.find_lists(filters, seen)):
            yield from items
            seen += len(items)

    def generate(
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
        return self._send(wanted)

    def read_batch(self, batch_id: str) -> Batch:
        return self._send(operations.read_batch(batch_id))

    def wait_for(self, batch: Batch, *, seconds: float = 600.0) -> Batch:
        """The batch when it is active or failed. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while batch.status == "pending":
            if time.monotonic() > deadline:
                raise TimeoutError(f"{batch.id} is still pending.")
            time.sleep(0.5)
            batch = self.read_batch(batch.id)
        return batch

    def codes_of(self, batch_id: str) -> Iterator[str]:
        """All codes of a batch, read page by page."""
        cursor: str | None = None
        while True:
            items, cursor = self._send(operations.codes_of(batch_id, cursor))
            yield from items
            if cursor is None:
                return

    def read_code(self, code: str) -> Code:
        return self._send(operations.read_code(code))

    def cancel_code(self, code: str, *, reason: str | None = None) -> Code:
        return self._send(operations.cancel_code(code, reason))

    def hand_out(
        self, list_id: str, recipient: str, *, early: bool = False, key: str | None = None
    ) -> Handout:
        """Hand a code out. The same recipient gets the same code again."""
        return self._send(operations.hand_out(list_id, recipient, early, key))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Any:
        """Any other operation: `path` after /api/v1. Answers the JSON; repeated like the rest."""
        return self._send(operations.anything(method, path, body, query or {}, key))

    def _send(self, call: Call[T]) -> T:
        course = Course(call, self._tries)
        while True:
            try:
                answer = self._http.request(**course.call.arguments())
            except httpx.TransportError as error:
                pause: float | None = course.failed(error)
            else:
                pause = course.answered(answer)
            if pause is None:
                return course.result
            time.sleep(pause)
