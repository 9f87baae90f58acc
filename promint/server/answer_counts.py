"""Counts answers by part of the program and status. They are added to the figures of
promint.core.measures once a second, because that costs more than counting."""

from collections import Counter

from promint.core import measures

_PARTS = {
    "/api/v1/claims": "claims",
    "/api/v1/validations": "validations",
    "/healthz": "health",
    "/readyz": "health",
    "/metrics": "metrics",
    "": "connection",  # refused before it was a request
}


class AnswerCounts:
    """Used within one event loop."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, int]] = Counter()

    def note(self, path: str, status: int) -> None:
        """Count an answer. `path`: empty if what was sent is no request."""
        self._counts[_PARTS.get(path) or _part(path), status] += 1

    def write(self) -> None:
        measures.answered(self._counts.items())
        self._counts.clear()


def _part(path: str) -> str:
    if path.startswith("/api/"):
        return "api"
    return "static" if path.startswith("/static/") else "pages"
