"""Printed sheets: an export whose format is PDF, of codes that are available and have not been
handed out to anybody. Chosen codes may have been handed out."""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings

from promint.core import audit, lists
from promint.core.codes import batches
from promint.core.exports import rows
from promint.core.exports.exports import active_at, described
from promint.core.models import Batch, Code, Export, PromoList
from promint.core.rules import (
    BatchStatus,
    ListType,
    Refusal,
    Refused,
    canonical,
    checks,
    invalid,
    limits,
    sheets,
)
from promint.core.storage import database_now, durable

FORMAT = "pdf"
NAMED = 10  # codes or lists in a sentence
FONT = "Noto Sans"
_SCRIPTS = ("LATIN ", "GREEK ", "CYRILLIC ")  # which need neither joining nor another direction


@dataclass(frozen=True)
class Wanted:
    """What sheets look like. `copies`: of the one code of a multi use list. `part`: which
    PRINTED_CODES of the codes of a list or batch, from 1; None if there are not more."""

    layout: str = "cards"  # a key of sheets.LAYOUTS
    paper: str = "A4"  # a key of sheets.PAPERS
    heading: str = ""
    copies: int = 1
    part: int | None = None


@dataclass(frozen=True)
class Sheet(Wanted):
    valid_until: str = ""  # a line of text


def leads_to(code: str) -> str:
    """The text in a QR code: the shop's URL for the code, or the code alone."""
    url: str | None = settings.CLAIM_URL
    return code if url is None else url.replace("{code}", quote(code, safe=""))


def print_batch(batch_id: str, wanted: Wanted, actor: str) -> Export:
    """Request sheets of an active batch. Raises Refused."""
    batch = batches.find(batch_id)
    return _request(batch.list, batch, None, wanted, actor)


def print_list(list_id: str, wanted: Wanted, actor: str) -> Export:
    """Request sheets of all active batches of a list, or of the code of a multi use list. Raises
    Refused."""
    return _request(lists.find(list_id), None, None, wanted, actor)


def print_codes(
    typed: Sequence[str], wanted: Wanted, actor: str, of_list: str | None = None
) -> Export:
    """Request sheets of these codes, which belong to one list, in this order. `of_list`: the id of
    that list; None: any. Raises Refused."""
    if not 1 <= len(typed) <= limits.CHOSEN_TO_PRINT:
        raise invalid({"codes": f"Write 1 to {limits.CHOSEN_TO_PRINT:,} codes."})
    values = list(dict.fromkeys(canonical(code) or "" for code in typed))
    known = Code.objects.select_related("list__counter", "batch").in_bulk(values)
    unknown = [code for code in typed if (canonical(code) or "") not in known]
    of_lists = {one.list_id: one.list for one in known.values()}
    if wrong := _unknown(unknown) + _elsewhere([*of_lists.values()], of_list):
        raise invalid({"codes": " ".join(wrong)})
    (promo_list,) = of_lists.values()
    if any(one.batch and one.batch.status != BatchStatus.ACTIVE for one in known.values()):
        raise _pending()
    return _request(promo_list, None, values, wanted, actor)


def _unknown(codes: list[str]) -> list[str]:
    """A sentence about codes that do not exist; none if there are none."""
    shown = [f"“{code[:80]}”" for code in codes[:NAMED]]
    if len(codes) < 2:
        return [f"There is no code {shown[0]}."] if codes else []
    more = f" and {len(codes) - NAMED:,} more" if len(codes) > NAMED else ""
    return [f"These are no codes: {', '.join(shown)}{more}."]


def _elsewhere(of_lists: list[PromoList], of_list: str | None) -> list[str]:
    """A sentence about codes that do not belong to the list, or not to one list; none if all
    do."""
    if of_list is None and len(of_lists) < 2:
        return []
    others = [f"“{one.name}”" for one in of_lists if one.public_id != of_list][:NAMED]
    if not others:
        return []
    some = "Some of these codes" if len(others) < len(of_lists) else "These codes"
    where = "there" if len(others) == 1 else "list by list"
    return [f"{some} belong to {', '.join(others)}. Print them {where}."]


@durable
def _request(
    promo_list: PromoList,
    batch: Batch | None,
    chosen: list[str] | None,
    wanted: Wanted,
    actor: str,
) -> Export:
    if wrong := problems(wanted):
        raise invalid(wrong)
    lists.lock_counter(promo_list.id)  # as for other exports
    now = database_now()
    export = Export(
        list=promo_list,
        batch=batch,
        format=FORMAT,
        only_status="available",
        only_handed_out=None if chosen else False,
        chosen=chosen,
        sheet=asdict(wanted) | {"valid_until": valid_until(promo_list)},
        created_by=actor,
        created_at=now,
        stepped_at=now,
    )
    export.quantity = _quantity(export, wanted)
    export.save(force_insert=True)
    audit.record(actor, "export.requested", export.public_id, after=described(export), at=now)
    return export


def _quantity(export: Export, wanted: Wanted) -> int:
    """How many codes there are to print, at most; of chosen codes, exactly. Raises Refused if none
    or too many."""
    promo_list, batch, now = export.list, export.batch, export.created_at
    if promo_list.type == ListType.MULTI_USE:
        return wanted.copies
    if export.chosen is not None:
        return _available(export)
    if batch is not None and not active_at(Batch.objects.filter(id=batch.id), now).exists():
        raise _pending()
    field, codes = ("list", promo_list.counter.codes)
    if batch is not None:
        field, codes = "batch", batch.created
    if promo_list.counter.available < 1:
        raise invalid({field: "No code is available that could be printed."})
    return min(_of_part(codes, wanted.part), promo_list.counter.available)


def _available(export: Export) -> int:
    """How many of the chosen codes are printed. Raises Refused if none."""
    available = sum(len(page) for page in rows.pages(export))
    if not available:
        raise invalid(
            {"codes": "None of these codes is available any more: they are claimed or cancelled."}
        )
    return available


def _of_part(codes: int, part: int | None) -> int:
    """How many of the codes are in the part. Raises Refused if there is no such part, or if there
    are several and none is chosen."""
    parts = max(1, -(-codes // limits.PRINTED_CODES))
    chosen = 1 if part is None else part
    if not 1 <= chosen <= parts or (part is None and parts > 1):
        raise invalid(
            {
                "part": f"One file holds {limits.PRINTED_CODES:,} codes, so these {codes:,} are"
                f" printed in {parts}. Choose a part from 1 to {parts}."
            }
        )
    return min(limits.PRINTED_CODES, codes - (chosen - 1) * limits.PRINTED_CODES)


def _pending() -> Refused:
    return Refused(Refusal.BATCH_PENDING, "These codes can be printed once their batch is active.")


def valid_until(promo_list: PromoList) -> str:
    """The last day on which the codes can be claimed in the list's zone, with the time if the list
    ends within a day."""
    end = promo_list.ends_at.astimezone(ZoneInfo(promo_list.timezone))
    last = end - timedelta(microseconds=1)
    day = f"Valid until {last:%b} {last.day}, {last.year}"
    return day if end.time() == datetime.min.time() else f"{day}, {end:%H:%M %Z}"


def problems(wanted: Wanted) -> dict[str, str]:
    """What is wrong, by field."""
    found = {
        "layout": None
        if wanted.layout in sheets.LAYOUTS
        else f"Use one of these: {', '.join(sheets.LAYOUTS)}.",
        "paper": _wrong_paper(wanted),
        "heading": problem_with_heading(wanted.heading),
        "copies": checks.whole_number(wanted.copies, limits.PRINTED_COPIES),
    }
    return {field: problem for field, problem in found.items() if problem}


def _wrong_paper(wanted: Wanted) -> str | None:
    if wanted.paper not in sheets.PAPERS:
        return f"Use one of these: {', '.join(sheets.PAPERS)}."
    layout = sheets.LAYOUTS.get(wanted.layout)
    if layout is None or layout.is_on(wanted.paper):
        return None
    return f"Sheets of {layout.a_page} such labels are {layout.only_on}. Choose {layout.only_on}."


def problem_with_heading(heading: str) -> str | None:
    """A sentence if the heading cannot be printed as it is typed."""
    if problem := checks.line(heading, limits.HEADING_CHARACTERS, least=0):
        return problem
    bad = [c for c in unicodedata.normalize("NFC", heading) if not can_show(c)]
    if not bad:
        return None
    return (
        f"The character {bad[0]!r} cannot be printed. Use Latin, Greek or Cyrillic letters, digits"
        " and common signs."
    )


def can_show(c: str) -> bool:
    """Whether the font has the character, and it is drawn right without shaping."""
    category = unicodedata.category(c)[0]
    of_script = unicodedata.name(c, "").startswith(_SCRIPTS) or c in "ªº"
    return ord(c) in _characters() and (of_script if category == "L" else category in "NPSZ")


@cache
def _characters() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # only where something is printed: it is slow to import

    return frozenset(TTFont(font_file(), lazy=True).getBestCmap())


def font_file() -> str:
    import fontpkg

    return str(fontpkg.path(FONT))
