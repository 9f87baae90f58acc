"""The rules of codes, claims and lists, as pure functions: no database, no clock."""

from promint.core.rules.cells import BYTE_ORDER_MARK, csv_text, inert, may_calculate
from promint.core.rules.codewords import ALPHABET, canonical, one_line, sorted_codes
from promint.core.rules.handing_out import HandoutRules
from promint.core.rules.limits import REASON_CHARACTERS
from promint.core.rules.list_warnings import ListWarning, Warned, warnings_of
from promint.core.rules.new_list import NewList, problems, wrong_messages
from promint.core.rules.refusals import Refused, check_seen, invalid, not_found
from promint.core.rules.rules import (
    CUSTOMER_MESSAGES,
    OWN_MESSAGES,
    BatchStatus,
    Case,
    Guesses,
    ListStatus,
    ListType,
    Refusal,
    Verdict,
    after_unknown_code,
    judge,
    status_at,
)
from promint.core.rules.times import rfc3339
from promint.core.rules.webhooks import Allowed, Event, Stock, news

__all__ = [
    "ALPHABET",
    "BYTE_ORDER_MARK",
    "CUSTOMER_MESSAGES",
    "OWN_MESSAGES",
    "REASON_CHARACTERS",
    "Allowed",
    "BatchStatus",
    "Case",
    "Event",
    "Guesses",
    "HandoutRules",
    "ListStatus",
    "ListType",
    "ListWarning",
    "NewList",
    "Refusal",
    "Refused",
    "Stock",
    "Verdict",
    "Warned",
    "after_unknown_code",
    "canonical",
    "check_seen",
    "checks",
    "code_cells",
    "codewords",
    "csv_text",
    "forecast",
    "ids",
    "inert",
    "invalid",
    "judge",
    "limits",
    "may_calculate",
    "news",
    "not_found",
    "one_line",
    "problems",
    "recipient_cells",
    "rfc3339",
    "rules",
    "sheets",
    "sorted_codes",
    "status_at",
    "warnings_of",
    "webhooks",
    "wrong_messages",
]
