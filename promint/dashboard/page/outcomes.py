"""The words for what a claim issues."""

from promint.core.lists import Outcomes
from promint.dashboard.page import formats


def in_full(outcomes: Outcomes) -> str:
    """All outcomes, like "100 points, Free coffee, tag spring"."""
    parts = [formats.counted(outcomes.points, "point")] if outcomes.points else []
    parts += [name for _, name in outcomes.offers]
    parts += [f"tag {tag}" for tag in outcomes.tags]
    return ", ".join(parts)
