"""Why a command for the whole installation ended without doing it."""

from collections.abc import Callable

Tell = Callable[[str, int, int], None]
"""Shows progress: what is done, how much of it, and how much there is (0: not known)."""


class Ended(Exception):
    """A sentence for the operator. Nothing was changed, unless the sentence says so."""
