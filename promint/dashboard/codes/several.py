"""Several codes that somebody pasted, looked up together, with a row for each."""

import re
from collections import Counter
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from promint.core import codes, lists
from promint.core.codes import CodeState, read_in_bulk
from promint.core.rules import codewords
from promint.dashboard.codes import address
from promint.dashboard.page import StaffRequest

MOST = 500  # codes
_BETWEEN = re.compile(r"[\r\n\t,;]")


@dataclass(frozen=True)
class Row:
    """`state` is None if the code does not exist."""

    typed: str
    state: CodeState | None
    list_name: str = ""

    @property
    def page(self) -> str:
        return address.page_of(self.state.shown if self.state else self.typed)


def found(request: StaffRequest) -> HttpResponse:
    """Sent by POST, so that no URL contains a code."""
    pasted = request.POST.get("codes", "")
    typed = list(dict.fromkeys(_split(pasted)))
    context = {"section": "codes", "pasted": pasted, "most": MOST}
    if not typed or len(typed) > MOST:
        return render(request, "codes/several.html", {**context, "count": len(typed)}, status=422)
    rows = _rows(typed)
    read = Counter(row.state.facts.public_id for row in rows if row.state is not None)
    for list_id, count in read.items():
        read_in_bulk.note(request.user.actor, list_id, count)
    return render(request, "codes/several.html", {**context, "rows": rows})


def _split(text: str) -> list[str]:
    return [code for part in _BETWEEN.split(text) if (code := part.strip())]


def _rows(typed: list[str]) -> list[Row]:
    values = {text: codewords.canonical(text) for text in typed}
    states = {state.value: state for state in codes.known({v for v in values.values() if v})}
    names = lists.names_of(state.facts.id for state in states.values())
    return [_row(text, states.get(values[text] or ""), names) for text in typed]


def _row(typed: str, state: CodeState | None, names: dict[int, str]) -> Row:
    return Row(typed, state, "" if state is None else names[state.facts.id])
