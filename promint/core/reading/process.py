"""The process that reads one uploaded file: python -m promint.core.reading.process, with JSON as
arguments.

The file may come from anybody, so the process that reads it has no database, little memory and
little time. It writes to its standard output, as JSON, what it found, or why the file cannot be
read:

    look PATH ASKED          says whether it can be read, the plan for it, and its first rows
    sort PATH OUT TOLD       writes its rows to OUT, ready for loading; TOLD is the plan

Both are told what kind of values the file holds: promint.core.reading.kinds.
"""

import json
import os
import resource
import sys
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

from promint.core import failpoints
from promint.core.parent import end_with_parent
from promint.core.reading import checks
from promint.core.reading.choosing import SAMPLE, Asked, Chooser, NotThere, Plan, Undecided
from promint.core.reading.kinds import KINDS, Kind
from promint.core.reading.opening import open_source
from promint.core.reading.sorting import Row, rows
from promint.core.reading.sources import Source, Unreadable
from promint.core.reading.text import TextFile
from promint.core.rules import code_cells, limits

FIRST_ROWS = 20  # shown before a file is loaded
TOO_LARGE = "Reading the file takes too much memory. Send it as .csv, one value a line."
LOOK_SECONDS = 20  # of processor time, before anything is decided
PER_MEGABYTE = 5  # seconds to read it all, at least
LEAST_SECONDS = 30


def look(path: Path, asked: dict[str, Any]) -> dict[str, Any]:
    """Read the beginning of a file. `asked`: kind, column, sheets, header, unlike,
    rows.

    In the result, `values` has the values of all rows that were read, and `rows` has the first ones
    as they are shown.
    """
    if problem := checks.problem(path):
        return {"unsupported": problem}
    kind = _kind(asked)
    source = open_source(path, kind.is_header)
    try:
        plan = _chooser(asked, kind).plan(source)
    except Undecided as undecided:
        account = _account(source, Plan(()))
        return {"needed": undecided.needed, "choices": undecided.choices, "account": account}
    except NotThere as wrong:
        return {"wrong": {wrong.field: wrong.sentence}}
    sample = list(islice(rows(source, plan, kind.read, kind.most), asked.get("rows") or SAMPLE))
    found = kind.first(sample, asked["unlike"])
    counts = Counter(row.reason for row in found if row.reason)
    names = [sheet.name for sheet in source.sheets]
    return {
        "plan": plan.as_json(),
        "account": _account(source, plan) | {"rows": len(found), "counts": dict(counts)},
        "rows": [_shown(row) | {"sheet": names[row.sheet] or None} for row in found[:FIRST_ROWS]],
        "values": [row.value for row in found],
    }


def _kind(told: dict[str, Any]) -> Kind:
    return KINDS[told.get("kind", "codes")]


def _chooser(asked: dict[str, Any], kind: Kind) -> Chooser:
    wishes = Asked(asked["column"], tuple(asked["sheets"]), asked["header"])
    return Chooser(wishes, kind.headers, code_cells.header_word, kind.is_value)


def _account(source: Source, plan: Plan) -> dict[str, Any]:
    """How the file was understood."""
    first = plan.tables[0] if plan.tables else None
    is_text = isinstance(source, TextFile)
    return {
        "encoding": source.encoding if isinstance(source, TextFile) else None,
        "divider": (source.divider or None) if isinstance(source, TextFile) else None,
        "sheets": [] if is_text else [table.name for table in plan.tables],
        "sheets_left_out": list(plan.left_out),
        "column": first.column + 1 if first else None,
        "header": (first.header or None) if first else None,
        "header_row": (first.header_row or None) if first else None,
    }


def _shown(row: Row) -> dict[str, Any]:
    typed = row.typed[: limits.TYPED_CODE_CHARACTERS].encode("utf-8", "replace").decode()
    code = row.typed if row.value else None
    return {"row": row.number, "value": typed, "code": code, "reason": row.reason or None}


def sort_rows(path: Path, out: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Write all rows of the file to `out`, ready for loading. `told`: kind, plan, unlike."""
    plan, kind = Plan.from_json(told["plan"]), _kind(told)
    source = open_source(path, kind.is_header)
    names = [sheet.name for sheet in source.sheets]
    if len(names) > limits.UPLOAD_SHEETS:
        return {"error": f"The workbook has more than {limits.UPLOAD_SHEETS:,} sheets. Split it."}
    with open(out, "xb") as file:
        count = kind.write(rows(source, plan, kind.read, kind.most), file, told["unlike"])
    failpoints.reach("uploads.sorted")
    return {"rows": count, "sheets": names if len(names) > 1 else []}


def limit(seconds: int) -> None:
    """Limit this process's time and memory. It writes no core dump, which would hold codes, and
    its files are readable by its user only."""
    size = limits.UPLOAD_READER_BYTES
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 10))  # SIGXCPU, then SIGKILL
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    os.umask(0o077)
    os.nice(5)


def _seconds(path: Path) -> int:
    """How much processor time reading may take, in proportion to the file's size. A small file
    that takes long was made to do so."""
    size = path.stat().st_size >> 20
    return min(limits.UPLOAD_READER_SECONDS, LEAST_SECONDS + PER_MEGABYTE * size)


def main(what: str, *words: str) -> dict[str, Any]:
    path = Path(words[0])
    try:
        if what == "look":
            limit(LOOK_SECONDS)
            return look(path, json.loads(words[1]))
        end_with_parent()
        limit(_seconds(path))
        return sort_rows(path, Path(words[1]), json.loads(words[2]))
    except Unreadable as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": TOO_LARGE}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
