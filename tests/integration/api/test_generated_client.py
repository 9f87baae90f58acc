"""What other tools make of the description: openapi-python-client finds every operation, and its
client works."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories import some_codes
from tests.servers import Server


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The client, as a package named `shops_client`."""
    description, settings = tmp_path / "api.json", tmp_path / "settings.json"
    description.write_bytes(Client().get("/api/v1/openapi.json").content)
    settings.write_text(json.dumps({"post_hooks": []}))  # hooks would format what it makes
    program = [Path(sys.executable).with_name("openapi-python-client"), "generate"]
    options = ["--path", description, "--config", settings, "--meta", "none", "--fail-on-warning"]
    package = tmp_path / "shops_client"
    ended = subprocess.run(
        [*program, *options, "--output-path", package], capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stdout
    monkeypatch.syspath_prepend(tmp_path)
    return package


def test_every_operation_is_in_it(made: Path) -> None:
    described: dict[str, Any] = json.loads((made.parent / "api.json").read_text())
    named = {one["operationId"] for path in described["paths"].values() for one in path.values()}
    modules = {file.stem for file in made.glob("api/*/*.py")} - {"__init__"}
    assert modules == named
    for file in made.rglob("*.py"):
        compile(file.read_text(), file.name, "exec")


@pytest.mark.usefixtures("made")
def test_it_claims_a_code(web: Server) -> None:
    (code,) = some_codes(1)
    client = importlib.import_module("shops_client").AuthenticatedClient(
        base_url=web.url, token=web.claim_key
    )
    attempt = importlib.import_module("shops_client.models").Attempt(code=code, customer="cust-1")
    claim = importlib.import_module("shops_client.api.claiming.claim")
    made = claim.sync(client=client, body=attempt, idempotency_key="order-1")
    again = claim.sync(client=client, body=attempt, idempotency_key="order-1")
    refused = claim.sync(client=client, body=attempt)
    assert (made.code, made.customer) == (code, "cust-1")
    assert again == made
    assert refused.error == "already_claimed_by_customer"
