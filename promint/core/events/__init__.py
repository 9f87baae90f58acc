"""Alert mails and webhooks, queued in the same transaction as what they tell of."""

from promint.core.events.outbox import (
    Fact,
    Listening,
    ask_listening,
    handed_out,
    handed_out_of,
    listening,
    record,
    record_all,
    record_limits,
    record_news,
    stock_given,
    stock_of,
)

__all__ = [
    "Fact",
    "Listening",
    "alerts",
    "ask_listening",
    "deliveries",
    "described",
    "endings",
    "endpoints",
    "handed_out",
    "handed_out_of",
    "listening",
    "mails",
    "record",
    "record_all",
    "record_limits",
    "record_news",
    "stock_given",
    "stock_of",
]
