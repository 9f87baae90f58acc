"""The shape of the source: which packages import which, how files are named, how long things
are."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = sorted(p for p in (ROOT / "promint").rglob("*.py") if "migrations" not in p.parts)
OURS = PRODUCT + sorted(
    p for part in ("tests", "torture", "bench") for p in (ROOT / part).rglob("*.py")
)
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "manager", "base", "service", "misc"}
NAMED_BY_DJANGO = {
    ROOT / f"promint/core/storage/{vendor}/base.py" for vendor in ("sqlite", "postgresql")
}  # Django requires this name for a database backend
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
WEB = (
    "a2wsgi",
    "django.contrib.auth",
    "django.forms",
    "django.http",
    "django.shortcuts",
    "django.template",
    "django.urls",
    "django.views",
    "ninja",
    "starlette",
    "uvicorn",
)
PURE = {
    "promint.core.rules",
    *(f"promint.core.rules.{path.stem}" for path in (ROOT / "promint/core/rules").glob("[!_]*.py")),
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines, decorators and docstring included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            yield f"{relative(path)}: {node.name}", (node.end_lineno or first) - first + 1


def test_the_layers_import_downwards_only() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", sorted((ROOT / "promint/core").rglob("*.py")), ids=relative)
def test_the_core_knows_no_http_no_html_and_no_user_accounts(path: Path) -> None:
    web = [name for name in imported_by(path) if f"{name}.".startswith(tuple(w + "." for w in WEB))]
    assert not web


def room_of(module: str) -> str | None:
    """The innermost package with an `__all__` that the module is, or lies in."""
    return next((room for room in ROOMS if f"{module}.".startswith(f"{room}.")), None)


def verbs_of(room: str) -> set[str]:
    tree = ast.parse((ROOT / room.replace(".", "/") / "__init__.py").read_text())
    found = [n.value for n in tree.body if isinstance(n, ast.Assign) and is_all(n.targets[0])]
    return set(ast.literal_eval(found[0])) if found else set()


def is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"


PACKAGES = [".".join(p.parent.relative_to(ROOT).parts) for p in PRODUCT if p.stem == "__init__"]
ROOMS = sorted((name for name in PACKAGES if verbs_of(name)), key=len, reverse=True)


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_others_import_what_a_package_offers_and_nothing_behind_it(path: Path) -> None:
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            room = room_of(node.module)
            if room is not None and not f"{own}.".startswith(f"{room}."):
                assert node.module == room
                assert {alias.name for alias in node.names} <= verbs_of(room), room


def test_every_package_of_the_core_says_what_it_offers() -> None:
    packages = {name for name in PACKAGES if name.startswith("promint.core.")}
    assert packages - set(ROOMS) == {
        "promint.core.storage.sqlite",  # named in the settings, imported by Django
        "promint.core.storage.postgresql",
    }


def test_pure_modules_import_each_other_and_the_standard_library_alone() -> None:
    graph = grimp.build_graph("promint", include_external_packages=True, cache_dir=None)
    for module in PURE:
        assert graph.find_modules_directly_imported_by(module) <= PURE | sys.stdlib_module_names, (
            module
        )


def test_the_tables_import_their_column_types_and_pure_modules_alone() -> None:
    graph = grimp.build_graph("promint", cache_dir=None)
    inner = (
        "cancellation_tables",
        "code_tables",
        "file_tables",
        "handout_tables",
        "list_tables",
        "offer_tables",
        "webhook_tables",
    )
    tables = "promint.core.models", *(f"promint.core.{name}" for name in inner)
    imported = set().union(*map(graph.find_modules_directly_imported_by, tables))
    storage = {"promint.core", "promint.core.storage", "promint.core.storage.jobs"}
    assert imported <= PURE | storage | set(tables)


def test_views_and_handlers_open_no_transactions() -> None:
    edges = [p for p in PRODUCT if {"api", "dashboard", "worker"} & set(p.parts)]
    assert edges
    for path in edges:
        assert not [n for n in imported_by(path) if n.startswith("django.db.transaction")], path
        assert "atomic(" not in path.read_text(), path


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_every_file_is_named_after_something_and_not_too_long(path: Path) -> None:
    assert path.stem not in NAMES_THAT_SAY_NOTHING or path in NAMED_BY_DJANGO
    assert not NAMES_THAT_SAY_NOTHING & set(path.relative_to(ROOT).parts)
    assert len(path.read_text().splitlines()) <= LINES_OF_A_FILE


@pytest.mark.parametrize("path", OURS, ids=relative)
def test_no_function_is_too_long(path: Path) -> None:
    assert not [(name, n) for name, n in functions_of(path) if n > LINES_OF_A_FUNCTION]


def test_functions_of_the_product_are_short() -> None:
    assert median(length for path in PRODUCT for _, length in functions_of(path)) <= 12
