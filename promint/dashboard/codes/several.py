"""Several codes that somebody pasted, looked up together, with a row for each."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from promint.core import codes, lists
from promint.core.codes import CodeState, read_in_bulk
from promint.core.rules import codewords
from promint.core.storage import database_now
from promint.dashboard.codes import address, claimable
from promint.dashboard.lists import ListState
from promint.dashboard.page import StaffRequest

MOST = 500  # codes
_AROUND = " \t\r\n\"'`“”„‟«»‘’‚"  # as in a line of a .csv file, or in a mail


@dataclass(frozen=True)
class Row:
    """`state` and `of_list` are None if the code does not exist."""

    typed: str
    state: CodeState | None
    of_list: ListState | None = None

    @property
    def page(self) -> str:
        return address.page_of(self.state.shown if self.state else self.typed)

    @property
    def why_not(self) -> str:
        """Why nobody can claim it now, though its status is available."""
        if self.state is None or self.of_list is None or self.state.status != "available":
            return ""
        return claimable.why_not(self.state, self.of_list)


def found(request: StaffRequest, pasted: str) -> HttpResponse:
    """Sent by POST, so that no URL contains a code."""
    typed = _each_once(_split(pasted))
    context = {"section": "codes", "pasted": pasted, "most": MOST}
    if not typed or len(typed) > MOST:
        return render(request, "codes/several.html", {**context, "count": len(typed)}, status=422)
    rows = _rows(typed)
    read = Counter(row.state.facts.public_id for row in rows if row.state is not None)
    for list_id, count in read.items():
        read_in_bulk.note(request.user.actor, list_id, count)
    return render(request, "codes/several.html", {**context, "rows": rows})


def _each_once(typed: list[str]) -> list[str]:
    """However it is typed the second time."""
    once: dict[str, str] = {}
    for text in typed:
        once.setdefault(codewords.canonical(text) or text, text)
    return list(once.values())


def in_one_line(text: str) -> list[str]:
    """The codes, if a line has several; otherwise none. A single code may have spaces, too."""
    if len(parts := _split(text)) > 1:
        return parts
    words = _split(text.replace(" ", "\n"))
    value = codewords.canonical(text)
    if len(words) < 2 or (value and codes.known({value})):
        return []
    values = {codewords.canonical(word) for word in words[:MOST]}
    return words if codes.known({one for one in values if one}) else []


def _split(text: str) -> list[str]:
    return [code for part in codewords.BETWEEN.split(text) if (code := without_quotes(part))]


def without_quotes(text: str) -> str:
    """What was pasted, without quotation marks and white space around it."""
    return text.strip(_AROUND)


def _rows(typed: list[str]) -> list[Row]:
    values = {text: codewords.canonical(text) for text in typed}
    states = {state.value: state for state in codes.known({v for v in values.values() if v})}
    of_lists = _lists_of(states.values())
    found = ((text, states.get(values[text] or "")) for text in typed)
    return [Row(text, one, of_lists[one.facts.id] if one else None) for text, one in found]


def _lists_of(states: Collection[CodeState]) -> dict[int, ListState]:
    """By key, the lists of these codes."""
    now, facts = database_now(), {state.facts.id: state.facts for state in states}
    return {
        one.id: ListState(one, facts[one.id], one.status(now), now) for one in lists.by_keys(facts)
    }
