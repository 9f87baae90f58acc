"""Judges a history. It shares no code with the product: it knows the interface and the clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torture.checker import claims, refusals, rest
from torture.checker.history import History

__all__ = ["RULES", "Finding", "History", "judge"]

Rule = Callable[[History], Iterator[str]]
RULES: tuple[Rule, ...] = (*claims.RULES, *refusals.RULES, *rest.RULES)


@dataclass(frozen=True)
class Finding:
    """What a rule found against the product. `rule`: its name, as a sentence."""

    rule: str
    what: list[str]


def judge(history: History) -> list[Finding]:
    found = [Finding(rule.__name__.replace("_", " "), list(rule(history))) for rule in RULES]
    return [finding for finding in found if finding.what]
