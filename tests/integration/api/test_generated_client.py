"""What other tools make of the description: openapi-python-client finds every operation, and its
client works."""

import importlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.servers import Server, wait_until

pytestmark = pytest.mark.same_on_both

TYPESCRIPT = ("openapi-typescript@7.13.0", "typescript@5.9.3")
SHOP = """
import type { components, paths } from "./api";
type Claim = components["schemas"]["ClaimJson"];
type Attempt = paths["/api/v1/claims"]["post"]["requestBody"]["content"]["application/json"];
const attempt: Attempt = { code: "SpringSale", customer: "cust-1" };
export const more = (claim: Claim): number => claim.outcomes.points + 1;
export default attempt;
"""


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
def test_it_tells_the_main_story(server: Server) -> None:
    """An offer, a list and codes are made, a code is claimed once, and the customer has it all."""

    def module(name: str) -> Any:
        return importlib.import_module(f"shops_client.{name}")

    models = module("models")
    manage, claims = (
        module("client").AuthenticatedClient(base_url=server.url, token=key)
        for key in (server.manage_key, server.claim_key)
    )
    offer = module("api.offers.create_offer").sync(
        client=manage, body=models.NewOffer(name="Free coffee")
    )
    spring = module("api.lists.create_list").sync(
        client=manage,
        body=models.NewListJson(
            name="Spring",
            type_=models.NewListJsonType("single_use"),
            starts_at=datetime(2026, 1, 1, tzinfo=UTC),
            ends_at=datetime(2099, 1, 1, tzinfo=UTC),
            outcomes={"points": 100, "offers": [offer.id]},  # its type is too loose for a class
        ),
    )
    made = module("api.batches.request_batch").sync(
        spring.id, client=manage, body=models.NewBatch(quantity=2), idempotency_key="batch-1"
    )
    read_batch = module("api.batches.read_batch")
    wait_until(lambda: read_batch.sync(made.id, client=manage).status == "active", 60)
    codes = module("api.batches.list_codes").sync(made.id, client=manage).items
    attempt = models.Attempt(code=codes[0].code.lower(), customer="cust-1")
    claim = module("api.claiming.claim")
    claimed = claim.sync(client=claims, body=attempt, idempotency_key="order-1")
    again = claim.sync(client=claims, body=attempt, idempotency_key="order-1")
    refused = claim.sync(client=claims, body=attempt)
    assert (claimed.code, claimed.customer) == (codes[0].code, "cust-1")
    assert again == claimed
    assert refused.error == "already_claimed_by_customer"
    customer = module("api.claiming.read_customer").sync("cust-1", client=claims)
    assert (customer.points, [one.name for one in customer.offers]) == (100, ["Free coffee"])


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_openapi_typescript_makes_types_that_compile(tmp_path: Path) -> None:
    """Asks the registry of npm for two packages by name; skipped where that is not allowed."""

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)

    installed = run("npm", "install", "--no-audit", "--no-fund", "--prefix", ".", *TYPESCRIPT)
    if installed.returncode:
        pytest.skip(f"npm cannot install {TYPESCRIPT}: {installed.stderr[-200:]}")
    (tmp_path / "api.json").write_bytes(Client().get("/api/v1/openapi.json").content)
    made = run("node_modules/.bin/openapi-typescript", "api.json", "--output", "api.d.ts")
    assert made.returncode == 0, made.stdout + made.stderr
    (tmp_path / "shop.ts").write_text(SHOP)
    checked = run("node_modules/.bin/tsc", "--noEmit", "--strict", "shop.ts")
    assert checked.returncode == 0, checked.stdout
    (tmp_path / "wrong.ts").write_text(SHOP.replace("points + 1", "nothing"))
    assert run("node_modules/.bin/tsc", "--noEmit", "--strict", "wrong.ts").returncode != 0
