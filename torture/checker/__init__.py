"""Judges a history. It shares no code with the product: it knows the interface and the clock."""

import traceback
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
    found = [Finding(rule.__name__.replace("_", " "), _found_by(rule, history)) for rule in RULES]
    return [finding for finding in found if finding.what]


def _found_by(rule: Rule, history: History) -> list[str]:
    """If something could not be read, a rule may stumble over what is missing. That is a finding
    too, and the other rules say what is missing."""
    found: list[str] = []
    try:
        for what in rule(history):
            found.append(what)
    except Exception:
        found.append(f"this could not be judged:\n{traceback.format_exc()}")
    return found
