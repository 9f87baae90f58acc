"""What may go wrong: Promint refuses, or there is no answer that one can rely on."""

from collections.abc import Mapping
from typing import Any


class PromintError(Exception):
    """Either of the errors below."""


class Refused(PromintError):
    """Promint's answer is no. Below 500, nothing happened.

    `error` is the stable name to branch on; `customer_message` is for the customer, in the language
    of the call; `fields` says what is wrong, by field; `problem` is the whole answer.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.error: str = problem.get("error", "")
        self.detail: str = problem.get("detail", "")
        self.retryable: bool = problem.get("retryable", False)
        self.request_id: str = problem.get("request_id", "")
        self.customer_message: str | None = problem.get("customer_message")
        self.fields: Mapping[str, str] = problem.get("fields", {})
        super().__init__(f"{self.error or status}: {self.detail}")


class NotAnswered(PromintError):
    """Promint could not be reached, or had no time, however often it was tried.

    If `may_have_happened`, an answer was lost or was `outcome_unknown`. Call again with
    `idempotency_key`, now or in a month, and nothing happens twice.
    """

    def __init__(self, why: str, idempotency_key: str | None, may_have_happened: bool) -> None:
        self.idempotency_key = idempotency_key
        self.may_have_happened = may_have_happened
        super().__init__(f"No answer: {why}.")
