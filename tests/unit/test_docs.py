"""The lists in the docs have exactly what the program has."""

import argparse
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from promint import cli
from promint.accounts.roles import Permission, Role, may
from promint.api.management.operations import management
from promint.api.problems import ERRORS
from promint.core.rules import limits
from promint.core.rules.rules import (
    CUSTOMER_MESSAGES,
    BatchStatus,
    ListStatus,
    ListType,
    Verdict,
)
from promint.dashboard.urls import urlpatterns
from promint.demo import people

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
PAGES += [ROOT / "SECURITY.md"]
PAGES += sorted(DOCS.rglob("*.md"))


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def section(page: str, heading: str) -> str:
    """The text from a heading to the next one of the same or a higher level."""
    text = (ROOT / page).read_text()
    level = heading.split()[0]
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    end = re.search(rf"^#{{1,{len(level)}}} ", text[start:], re.MULTILINE)
    return text[start : start + end.start()] if end else text[start:]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables in a text, without their heads."""
    found: list[list[str]] = []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        is_head = following.startswith("| ---")
        if line.startswith("|") and not line.startswith("| ---") and not is_head:
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def words_in(text: str) -> list[str]:
    """The words between backticks, without code blocks."""
    return re.findall(r"`([^`]+)`", _BLOCK.sub("", text))


# --- the environment, commands, make


def test_every_environment_variable_is_documented_and_no_other() -> None:
    source = "\n".join(path.read_text() for path in (ROOT / "promint").rglob("*.py"))
    documented = section("docs/operations.md", "## Environment")
    assert set(re.findall(r"PROMINT_[A-Z_]+", documented)) == set(
        re.findall(r'"(PROMINT_[A-Z_]+)"', source)
    )


def commands(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, set[str]]]:
    """Each command with its options and arguments."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in below:
        for name, sub in action.choices.items():
            yield from commands(sub, f"{path} {name}")
    if not below:
        own = [a for a in parser._actions if not isinstance(a, argparse._HelpAction)]
        yield path, {(a.option_strings or [a.dest.upper()])[0] for a in own}


def test_every_command_is_documented_with_its_options_and_no_other() -> None:
    documented: dict[str, set[str]] = {}
    for cell, _ in rows(section("docs/operations.md", "## Commands")):
        (command,) = words_in(cell)
        path = re.match(r"promint( [a-z][a-z-]*)+", command)
        assert path, command
        rest = re.sub(r"(--[a-z-]+) [A-Za-z0-9.]+", r"\1", command[path.end() :])
        documented[path[0]] = set(re.findall(r"--[a-z-]+|[A-Z]{2,}", rest))
    assert documented == dict(commands(cli._parser(), "promint"))


def test_the_accounts_of_the_demo_are_documented() -> None:
    documented = words_in(section("docs/operations.md", "## Commands"))
    assert {*people.PEOPLE, people.PASSWORD} <= set(documented)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_in_the_text_exist(page: Path) -> None:
    known = {path for path, _ in commands(cli._parser(), "promint")}
    named = re.findall(r"`(?:\.venv/bin/)?(promint(?: [a-z][a-z-]*)+)", page.read_text())
    for command in named:
        assert any(command == path or f"{command} ".startswith(f"{path} ") for path in known), (
            command
        )


def test_make_targets_in_the_docs_exist_and_the_guide_has_them_all() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    for page in PAGES:
        text = page.read_text()
        commands = [*words_in(text), *"\n".join(_BLOCK.findall(text)).splitlines()]
        named = {found[1] for one in commands if (found := re.match(r"make ([a-z-]+)", one))}
        assert named <= phony, page
    guide = set(re.findall(r"^make ([a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text(), re.M))
    assert guide | {"run"} == phony


# --- the API


def test_every_error_is_documented_with_its_status_and_whether_to_retry() -> None:
    documented = {
        words_in(name)[0]: (int(status), retryable == "yes")
        for name, status, retryable, _ in rows(section("docs/api.md", "## Errors"))
    }
    assert documented == {name: (status, again) for name, (status, _, again) in ERRORS.items()}


def test_verdicts_are_documented_in_the_order_in_which_they_apply() -> None:
    refusals = [verdict for verdict in Verdict if verdict is not Verdict.CLAIMED]
    of_api = rows(section("docs/api.md", "### `POST /api/v1/claims`"))
    assert [
        (words_in(name)[0], int(status), None if message == "–" else message)
        for name, status, _, message in of_api
    ] == [(one, ERRORS[one][0], CUSTOMER_MESSAGES.get(one)) for one in refusals]
    of_page = rows(section("docs/claiming.md", "## The verdict"))
    assert [words_in(name)[0] for name, _ in of_page] == [*refusals, Verdict.CLAIMED]


def test_every_operation_has_a_heading_and_no_other() -> None:
    schema = management.get_openapi_schema()
    operations = {
        f"{method.upper()} {re.sub(r'{[^}]+}', '{}', path)}"
        for path, of_path in schema["paths"].items()
        for method in of_path
    }
    headings = re.findall(r"^### `(.+)`$", (DOCS / "api.md").read_text(), re.MULTILINE)
    assert {re.sub(r"{[^}]+}", "{}", heading) for heading in headings} == operations
    assert len(headings) == len(operations)


def shown(name: str, value: object) -> str:
    """A limit as the docs write it."""
    match value:
        case tuple():
            return " to ".join(f"{part:,}" for part in value)
        case datetime():
            return f"{value:%Y-%m-%d}"
        case timedelta():
            minutes = value // timedelta(minutes=1)
            whole, unit = (minutes, "minute")
            if minutes % (24 * 60) == 0:
                whole, unit = (minutes // (24 * 60), "day")
            return f"{whole} {unit}{'s' if whole > 1 else ''}"
        case int() if name.endswith("_BYTES"):
            for power, unit in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
                if value % 1024**power == 0:
                    return f"{value // 1024**power:,} {unit}"
    return f"{value:,}"


def test_every_limit_is_documented_with_its_value() -> None:
    documented = {
        words_in(name)[0]: value for _, value, name in rows(section("docs/api.md", "## Limits"))
    }
    assert documented == {
        name: shown(name, value)
        for name, value in vars(limits).items()
        if name.isupper() and name != "UTC"
    }


def test_every_page_of_the_dashboard_is_documented_with_the_role_that_it_needs() -> None:
    least = {
        permission: next(role.value for role in Role if may(role, permission))
        for permission in Permission
    }
    pages = {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", "{}", str(pattern.pattern)): least.get(
            pattern.callback.declared, "–"
        )
        for pattern in urlpatterns
    }
    documented = {
        re.sub(r"{[^}]+}", "{}", words_in(address)[0]): (words_in(role) or [role])[0]
        for address, role, _ in rows((DOCS / "dashboard.md").read_text())
    }
    assert documented == pages


# --- the words


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("## Types", ListType),
        ("## A list's status", ListStatus),
        ("## Batches", BatchStatus),
        ("## People", Role),
    ],
)
def test_the_domain_page_has_every_value(heading: str, values: type) -> None:
    cells = [cells[0] for cells in rows(section("docs/domain.md", heading))]
    assert [words_in(cell)[0] for cell in cells] == list(values)


# --- security

# How many requirements of levels 1 and 2 each section of ASVS 5.0.0 has. Level 3 comes after them.
ASVS = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2},
    **{"2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2},
    **{"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{"5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3},
    **{"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4},
    **{"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2},
    **{"8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1},
    **{"9.1": 3, "9.2": 4},
    **{"10.1": 2, "10.2": 2, "10.5": 5},
    **{"11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1},
    **{"12.1": 3, "12.2": 2, "12.3": 4},
    **{"13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5},
    **{"14.1": 2, "14.2": 4, "14.3": 3},
    **{"15.1": 3, "15.2": 3, "15.3": 7},
    **{"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
}
STATES = {"met", "in part", "not met", "operator", "does not apply"}


def test_every_requirement_of_asvs_is_answered_once_and_what_is_met_names_a_test() -> None:
    answers = rows(section("docs/security.md", "## Requirement by requirement"))
    numbers = [one for numbers, *_ in answers for one in numbers.split(", ")]
    every = [f"{part}.{n}" for part, many in ASVS.items() for n in range(1, many + 1)]
    assert sorted(numbers) == sorted([*every, "10.3", "10.4", "10.6", "10.7", "17"])
    for numbers, state, how, test in answers:
        assert state in STATES, numbers
        if state == "met" and "`SECURITY.md`" not in how:
            assert (ROOT / test.strip("`").split("::")[0]).is_file(), numbers


def test_what_is_not_met_is_said_first() -> None:
    first = section("docs/security.md", "## What is not met")
    for numbers, state, *_ in rows(section("docs/security.md", "## Requirement by requirement")):
        assert (f"({numbers})" in first) == (state == "not met"), numbers


# --- links, names, decisions


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}
            assert anchor in anchors, target


def test_every_page_is_in_the_contents_of_the_site() -> None:
    named: set[Path] = set()
    for page in DOCS.rglob("*.md"):
        for contents in re.findall(r"^```{toctree}\n(.*?)^```$", page.read_text(), re.M | re.S):
            entries = (line for line in contents.split() if not line.startswith(":"))
            named |= {file for entry in entries for file in page.parent.glob(f"{entry}.md")}
    missing = {*DOCS.rglob("*.md")} - named - {DOCS / "index.md"}
    assert not missing, "Name each in a toctree of index.md, or of decisions.md."


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_and_tests_that_are_named_exist(page: Path) -> None:
    named = words_in(page.read_text())
    for word in named:
        if re.fullmatch(r"(promint/|core/|api/|tests/|torture/|docs/|bench/)[\w./-]+", word):
            is_there = (ROOT / word).exists() or (ROOT / "promint" / word).exists()
            assert is_there or word.rstrip("/") == "bench/results", word  # made by `make bench`
        elif "::" in word:
            path, test = word.split("::")
            assert re.search(rf"^def {test}\(", (ROOT / path).read_text(), re.MULTILINE), word


def test_docs_that_the_source_names_exist() -> None:
    for part in ("promint", "bench", "tests", "torture"):
        for path in (ROOT / part).rglob("*.py"):
            for page in re.findall(r"\bdocs/[\w/-]+\.md", path.read_text()):
                assert (ROOT / page).exists(), f"{name_of(path)}: {page}"


def test_decisions_are_numbered_and_each_names_what_enforces_it() -> None:
    assert len(DECISIONS) >= 15
    numbers = [int(page.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    for number, page in zip(numbers, DECISIONS, strict=True):
        text = page.read_text()
        assert page.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        _, _, enforced = text.partition("**Enforced by**")
        assert re.search(r"`tests/\S+::test_\w+`", enforced), page.name
        assert not re.search(r"[A-Z]+_\d{4}", enforced), page.name
