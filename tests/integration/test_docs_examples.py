"""Runs the examples of README.md and docs exactly as they are written, against a server."""

import json
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.installations import add_a_list
from tests.servers import ANSWERS_WITHIN, Server, wait_until

pytestmark = pytest.mark.same_on_both

ROOT = Path(__file__).parents[2]
ADDRESS = "http://127.0.0.1:8000"  # as in the docs
_FENCE = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What curl prints also goes to a file for each block, and its arguments go to a log.
PRELUDE = """
set -euo pipefail
curl() {
    printf '%s\\0' "$@" >> "$LOG"; printf '\\n' >> "$LOG"
    : > "block-$BLOCK"
    command curl "$@" | tee "block-$BLOCK"
}
"""


@dataclass
class Block:
    """`answer`: the JSON that the page shows below the commands; None if it shows none."""

    commands: str
    answer: Any = None


def blocks_of(page: Path) -> list[Block]:
    found: list[Block] = []
    for kind, text in _FENCE.findall(page.read_text()):
        if kind == "sh":
            found.append(Block(text))
        elif found:
            found[-1].answer = json.loads(text)
    return found


class Typed:
    """Runs blocks of a page in one shell."""

    def __init__(self, server: Server, directory: Path, blocks: list[Block]) -> None:
        if not (directory / ".venv").exists():
            (directory / ".venv").symlink_to(sys.prefix)
        self._directory = directory
        script = PRELUDE + "\n".join(
            f"BLOCK={number}\n{block.commands}" for number, block in enumerate(blocks)
        )
        self.done = subprocess.run(
            ["bash", "-c", script.replace(ADDRESS, server.url)],
            cwd=directory,
            env={**server.environment, "LOG": "calls", "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=ANSWERS_WITHIN,
        )
        assert self.done.returncode == 0, self.done.stdout + self.done.stderr

    def answer(self, block: int) -> str:
        """What the last curl of a block printed."""
        return (self._directory / f"block-{block}").read_text()

    def calls(self) -> list[list[str]]:
        """The arguments of every curl."""
        log = (self._directory / "calls").read_text()
        return [line.removesuffix("\0").split("\0") for line in log.split("\0\n") if line]


def same_shape(documented: Any, real: Any) -> bool:
    """Whether both have the same fields, with values of the same kinds. An empty list or null
    matches any."""
    if documented is None or real is None:
        return True
    if isinstance(documented, dict) and isinstance(real, dict):
        return documented.keys() == real.keys() and all(
            same_shape(documented[name], real[name]) for name in real
        )
    if isinstance(documented, list) and isinstance(real, list):
        return all(same_shape(documented[0], item) for item in real) if documented else True
    return type(documented) is type(real)


def test_the_commands_of_the_readme_do_what_it_says(server: Server, tmp_path: Path) -> None:
    blocks = [block for block in blocks_of(ROOT / "README.md") if "curl" in block.commands]
    typed = Typed(server, tmp_path, blocks)
    claim, customer, refusal = documents(typed.done.stdout)
    assert claim["outcomes"]["points"] == 100
    assert customer["points"] == 100
    assert [offer["name"] for offer in customer["offers"]] == ["Free coffee"]
    assert customer["tags"] == ["first"]
    assert refusal["error"] == "code_already_claimed"
    assert refusal["customer_message"] == "This code has already been used."
    assert server.run("doctor").returncode == 0


def documents(text: str) -> list[Any]:
    """JSON documents that follow each other."""
    found = []
    while text := text.lstrip():
        document, end = json.JSONDecoder().raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


def test_the_examples_of_the_api_page_run_and_answer_as_it_shows(
    server: Server, tmp_path: Path
) -> None:
    blocks = blocks_of(ROOT / "docs/api.md")
    typed = Typed(server, tmp_path, blocks)
    shown = [(number, block.answer) for number, block in enumerate(blocks) if block.answer]
    assert len(shown) > 10
    for number, documented in shown:
        if "curl" in blocks[number].commands:
            real = json.loads(typed.answer(number))
            assert same_shape(documented, real), (documented, real)
    operations = server.manage.get("/openapi.json").json()["paths"]
    known = {
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^?]+?", path) + r"(\?.*)?"))
        for path, of_path in operations.items()
        for method in of_path
    }
    called = {call_of(arguments, server.url) for arguments in typed.calls()}
    missing = {
        (method, path.pattern)
        for method, path in known
        if not any(m == method and path.fullmatch(sent) for m, sent in called)
    }
    assert not missing


def test_a_shop_is_connected_with_the_commands_of_its_page(server: Server, tmp_path: Path) -> None:
    typed = Typed(server, tmp_path, blocks_of(ROOT / "docs/how-to/connect-a-shop.md"))
    made, claim, again, refusal = documents(typed.done.stdout)
    assert (made["code"], claim["outcomes"]["points"]) == ("SpringSale", 100)
    assert again == claim
    assert refusal["error"] == "already_claimed_by_customer"


def test_the_examples_of_the_clients_page_run(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/client.md").read_text().replace(ADDRESS, server.url)
    given = a_single_code(server)
    key = server.succeed("key", "create", "Both", "--scope", "claim", "--scope", "manage").strip()
    secret = "whsec_" + "c2VjcmV0" * 4
    names: dict[str, Any] = {"KEY": key, "CODE": given, "SECRET": secret}
    for example in re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        exec(example, names)
    printed = capsys.readouterr().out
    assert "Dieser Code wurde bereits eingelöst." in printed
    assert "False code_already_claimed" in printed
    assert f"[{given!r}]" in printed
    assert names["ended"]["entry_cap"] == 2000
    assert len(names["codes"]) == 1200
    assert names["given"].recipient == "cust-42"
    assert names["receive"](b"{}", {}) == 401


def a_single_code(server: Server) -> str:
    promo_list = add_a_list(server)
    batch = server.manage.post(f"/lists/{promo_list}/batches", json={"quantity": 1}).json()["id"]
    path = f"/batches/{batch}"
    wait_until(lambda: server.manage.get(path).json()["status"] == "active", ANSWERS_WITHIN)
    return str(server.manage.get(f"{path}/codes").json()["items"][0]["code"])


def call_of(arguments: list[str], url: str) -> tuple[str, str]:
    """The method and path of a curl."""
    (address,) = (argument for argument in arguments if argument.startswith(url))
    if "-X" in arguments:
        method = arguments[arguments.index("-X") + 1]
    else:
        method = "POST" if {"-d", "-F"} & set(arguments) else "GET"
    return method, address.removeprefix(url)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL needs a second database")
def test_the_documented_backup_of_a_running_server_can_be_restored(
    server: Server, tmp_path: Path
) -> None:
    Typed(server, tmp_path, blocks_of(ROOT / "docs/api.md")[:7])
    restored = tmp_path / "restored"
    elsewhere = {"/backups": str(tmp_path), "/var/lib/promint": str(restored)}
    page = blocks_of(ROOT / "docs/operations.md")
    for path, ours in elsewhere.items():
        page = [Block(block.commands.replace(path, ours)) for block in page]
    Typed(server, tmp_path, page)  # the restore ends with the doctor
    with sqlite3.connect(restored / "promint.sqlite3") as copy:
        assert copy.execute("SELECT count(*) FROM core_promolist").fetchone()[0] >= 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL needs a second database")
def test_the_commands_of_the_page_about_watching_run(server: Server, tmp_path: Path) -> None:
    add_a_list(server)
    page = blocks_of(ROOT / "docs/how-to/watch-and-back-up.md")
    elsewhere = {"/backups": str(tmp_path), "/tmp/restored": str(tmp_path / "restored")}
    for path, ours in elsewhere.items():
        page = [Block(block.commands.replace(path, ours)) for block in page]
    Typed(server, tmp_path, page)
    with sqlite3.connect(tmp_path / "restored" / "promint.sqlite3") as copy:
        assert copy.execute("SELECT count(*) FROM core_promolist").fetchone()[0] >= 1


@pytest.mark.parametrize(
    ("documented", "real", "same"),
    [
        ({"a": 1}, {"a": 2}, True),
        ({"a": 1}, {"a": "2"}, False),
        ({"a": 1}, {"a": 1, "b": 1}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}, {"c": 2}]}, False),
        ({"a": None}, {"a": {"b": 1}}, True),
    ],
)
def test_a_documented_answer_of_another_shape_is_noticed(
    documented: object, real: object, same: bool
) -> None:
    assert same_shape(documented, real) is same
