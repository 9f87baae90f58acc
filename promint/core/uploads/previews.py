"""Says what would become of a file before it is taken. Nothing is written except the file
itself."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from promint.core import codes
from promint.core.uploads import uploads
from promint.core.uploads.files import Staged, look, stage_here
from promint.core.uploads.looking import Wishes


def preview(
    list_id: str, file_name: str, chunks: Iterable[bytes], wishes: Wishes
) -> dict[str, Any]:
    """Look at a file that is not kept. Raises Refused, Busy."""
    uploads.check_list(list_id)
    staged = stage_here(file_name, chunks)
    try:
        return preview_staged(staged, wishes)
    finally:
        staged.file.unlink(missing_ok=True)


def preview_staged(staged: Staged, wishes: Wishes) -> dict[str, Any]:
    """`account` says what the first 1,000 rows are and `rows` has the first twenty; or `needed`
    and `choices` say what a person must choose. Raises Refused, Busy."""
    found = look(staged, wishes)
    values = found.pop("values", [])
    later = _found_by_others(values)
    counts = Counter(found["account"].get("counts", {})) + Counter(filter(None, later))
    found["account"]["counts"] = dict(counts)
    for row, reason in zip(found.get("rows", []), later, strict=False):
        if reason is not None:
            row |= {"code": None, "reason": reason}
    return found


def _found_by_others(values: list[str]) -> list[str | None]:
    """For each row, why it would be rejected when it is loaded (None: it would not), by its
    canonical code."""
    known = codes.existing(filter(None, values))
    first: set[str] = set()
    reasons: list[str | None] = []
    for value in values:
        repeated = "duplicate_in_file" if value and value in first else None
        reasons.append("code_exists" if value in known else repeated)
        first.add(value)
    return reasons
