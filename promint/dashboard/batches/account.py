"""How a file was read, in words. Shown before it is loaded, and as long as its batch is kept."""

from typing import Any

DIVIDERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
REJECTED = {  # core's reasons, as words that follow a number of rows
    "malformed": "not usable",
    "number_too_long": "rounded by the spreadsheet",
    "formatted_number": "numbers that show something else",
    "no_value": "formulas without a result",
    "unlike_others": "unlike all other codes",
    "duplicate_in_file": "repeated",
    "code_exists": "known already",
}


def facts(account: dict[str, Any], holds: str = "Codes") -> list[tuple[str, str]]:
    """Labels and values. `account`: as core.uploads keeps it; empty for batches of older
    versions."""
    told = [
        ("Encoding", account.get("encoding")),
        ("Cells divided by", DIVIDERS.get(account.get("divider") or "")),
        ("Sheets read", ", ".join(account.get("sheets", []))),
        ("Sheets left out", ", ".join(account.get("sheets_left_out", []))),
        (f"{holds} in", _column(account)),
    ]
    return [(label, text) for label, text in told if text]


def _column(account: dict[str, Any]) -> str:
    if not account.get("column"):
        return ""
    column = f"Column {account['column']}"
    if account.get("header"):
        return f"{column}, under “{account['header']}” in row {account['header_row']}"
    return f"{column}, from the first row on"


def in_a_line(account: dict[str, Any]) -> str:
    return "; ".join(f"{label}: {text}" for label, text in facts(account))
