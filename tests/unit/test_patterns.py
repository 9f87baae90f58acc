"""The time of every regular expression grows linearly on its worst input.

A pattern that reads the same characters again and again takes hours for a few hundred kilobytes and
blocks the interpreter meanwhile. So each pattern gets repetitions of the characters in it, at two
sizes, in each way in which the program uses it.
"""

import ast
import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from re import _constants as kinds
from re import _parser as parser
from typing import Any

import pytest

import promint

SHORT, LONG = 400, 6_400  # repetitions
LINEAR = LONG / SHORT
TOO_MUCH = 4 * LINEAR  # times as long; a quadratic pattern takes 256 times as long
NOTICED = 0.001  # seconds of this thread; shorter times are not measured reliably
USES = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")
NOT_IN_ANY = "\x00"


@dataclass(frozen=True)
class Use:
    """One way in which the program uses a pattern."""

    where: str
    pattern: re.Pattern[str]
    method: str

    def __str__(self) -> str:
        return f"{self.where}:{self.method}"

    def seconds(self, text: str) -> float:
        asked: Callable[..., Any] = getattr(self.pattern, self.method)
        started = time.thread_time()
        if self.method == "sub":
            asked("", text)
        elif self.method == "finditer":
            list(asked(text))
        else:
            asked(text)
        return time.thread_time() - started


def modules() -> Iterator[tuple[Any, ast.Module]]:
    for found in pkgutil.walk_packages(promint.__path__, "promint."):
        if ".migrations" in found.name or found.name.endswith((".asgi", "__main__")):
            continue
        module = importlib.import_module(found.name)
        if module.__file__:
            with open(module.__file__, encoding="utf-8") as source:
                yield module, ast.parse(source.read())


def calls_of_re(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "re" and node.func.attr != "escape":
                yield node


def compiled(module: Any, call: ast.Call) -> re.Pattern[str]:
    """The pattern at this place in the module, even if it is built from constants."""
    given = [call.args[0], *call.args[1:2]] if _method(call) == "compile" else [call.args[0]]
    names = {"divider": ","} | vars(module)
    values = [eval(compile(ast.Expression(arg), "", "eval"), names) for arg in given]
    flags = [one for one in values[1:] if isinstance(one, re.RegexFlag)]
    if isinstance(values[0], bytes):  # the same pattern for texts takes the same time
        return re.compile(values[0].decode("latin-1"), re.ASCII)
    return re.compile(values[0], *flags)


def _method(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def uses() -> list[Use]:
    every = list(modules())
    methods = {
        (name, node.attr)
        for _, tree in every
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and (name := _name(node.value))
    }
    found: dict[Use, None] = {}
    for module, tree in every:
        named = dict(pair for node in ast.walk(tree) for pair in _names_given(node))
        for call in calls_of_re(tree):
            pattern, name = compiled(module, call), named.get(id(call), "")
            used = [way for way in USES if (name, way) in methods] or ["search"]
            where = f"{module.__name__}.{name or _method(call)}"
            for way in used if _method(call) == "compile" else [_method(call)]:
                found[Use(where, pattern, way)] = None
    return list(found)


def _name(node: ast.expr) -> str:
    """The name of a pattern, or of the function that makes it."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.id if isinstance(node, ast.Name) else ""


def _names_given(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Assign):
        yield id(node.value), _name(node.targets[0])
    elif isinstance(node, ast.FunctionDef):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return):
                yield id(inner.value), node.name


def characters(pattern: re.Pattern[str]) -> list[str]:
    """One character of each kind that the pattern distinguishes, and the word that it begins
    with."""
    start = "".join(
        itertools.takewhile(lambda letter: letter not in "\\[(.*+?{|^$", pattern.pattern)
    )
    found: dict[str, None] = {start: None} if len(start) > 1 else {}
    for text in _letters(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)):
        found[text] = None
    return [*list(found)[:8], NOT_IN_ANY]


CATEGORIES = {
    kinds.CATEGORY_DIGIT: "0",
    kinds.CATEGORY_SPACE: " ",
    kinds.CATEGORY_WORD: "a",
    kinds.CATEGORY_NOT_WORD: "-",
}


def _letters(parsed: Any) -> Iterator[str]:
    for kind, value in parsed:
        if kind in (kinds.LITERAL, kinds.NOT_LITERAL):
            yield chr(value)
        elif kind is kinds.RANGE:
            yield chr(value[0])
        elif kind is kinds.CATEGORY:
            yield CATEGORIES.get(value, "a")
        elif kind is kinds.ANY:
            yield "a"
        elif kind is kinds.IN:
            yield from _letters(value)
        elif isinstance(value, (tuple, list)):
            yield from _inner(value)


def _inner(value: Any) -> Iterator[str]:
    """The name of each use of a pattern within a pattern."""
    for part in value:
        if isinstance(part, parser.SubPattern):
            yield from _letters(part)
        elif isinstance(part, list):
            yield from _inner(part)


def texts(letters: list[str], times: int) -> Iterator[str]:
    """Repetitions of one or two characters, with any character before and after them."""
    ends = ["", *letters]
    for one, other in itertools.product(letters, ["", *letters]):
        for start, end in itertools.product(("", letters[0]), ends):
            yield start + (one + other) * times + end


def grows(use: Use, letters: list[str]) -> Iterator[tuple[str, float]]:
    """The texts for which the time grows too much with their length."""
    for short, long in zip(texts(letters, SHORT), texts(letters, LONG), strict=True):
        if use.seconds(long) < NOTICED:
            continue
        quickest = [min(use.seconds(text) for _ in range(4)) for text in (short, long)]
        if quickest[1] > max(NOTICED, TOO_MUCH * quickest[0]):
            yield short[:12], quickest[1] / quickest[0]


@pytest.mark.parametrize("use", uses(), ids=str)
def test_the_time_it_takes_grows_no_faster_than_the_text(use: Use) -> None:
    worst = next(grows(use, characters(use.pattern)), None)
    assert worst is None, f"{use.pattern.pattern!r} on {worst}"


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+$", r"\s+$", r"<!--.*?-->"],
)
def test_a_pattern_that_looks_again_and_again_is_found(pattern: str) -> None:
    use = Use("here", re.compile(pattern), "search")
    letters = [] if pattern.startswith("(") else characters(use.pattern)
    if not letters:  # it doubles its time with each letter: a few are enough
        assert use.seconds("a" * 20 + "b") > 20 * use.seconds("a" * 12 + "b")
        return
    assert next(grows(use, letters), None) is not None
