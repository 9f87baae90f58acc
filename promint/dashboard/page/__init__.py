"""What all pages share: their frame, permissions, paging, fields, formats and errors."""

from promint.dashboard.page.actors import names_of
from promint.dashboard.page.days import beginning_of, day_in, end_of, why_backwards
from promint.dashboard.page.errors import not_allowed
from promint.dashboard.page.form_fields import (
    Text,
    WholeNumber,
    add_refusal,
    day_field,
    list_name_field,
    text_input,
    time_field,
)
from promint.dashboard.page.meanwhile import Conflict, Meanwhile, conflict
from promint.dashboard.page.numbers import whole_number, why_unreadable
from promint.dashboard.page.outcomes import in_full
from promint.dashboard.page.paging import Paging
from promint.dashboard.page.permissions import READ, SENT, StaffRequest, needs, open_to_all, page
from promint.dashboard.page.questions import Question, unanswered
from promint.dashboard.page.sent_once import form_key, made_once, sent_once, token_field
from promint.dashboard.page.verdict_words import WHY, customer_reads, why_refused
from promint.dashboard.page.wall_clock import (
    End,
    ask_which,
    focus_on_end,
    moment_in,
    some_time_of,
    until_end_of_day,
    which_field,
    which_of,
)
from promint.dashboard.page.zones import zone_choices

__all__ = [
    "READ",
    "SENT",
    "WHY",
    "Conflict",
    "End",
    "Meanwhile",
    "Paging",
    "Question",
    "StaffRequest",
    "Text",
    "WholeNumber",
    "add_refusal",
    "ask_which",
    "beginning_of",
    "conflict",
    "customer_reads",
    "day_field",
    "day_in",
    "end_of",
    "focus_on_end",
    "form_key",
    "formats",
    "icons",
    "in_full",
    "list_name_field",
    "made_once",
    "moment_in",
    "names_of",
    "needs",
    "not_allowed",
    "offer_names",
    "open_to_all",
    "page",
    "sent_once",
    "some_time_of",
    "text_input",
    "theme",
    "time_field",
    "token_field",
    "typed",
    "unanswered",
    "until_end_of_day",
    "way_back",
    "which_field",
    "which_of",
    "whole_number",
    "why_backwards",
    "why_refused",
    "why_unreadable",
    "worth",
    "zone_choices",
]
