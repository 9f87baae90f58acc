"""The main use of Promint from beginning to end, over HTTP, against the program as an operator
runs it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers import Server, wait_until


def _window() -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(days=30)).isoformat(),
    }


def _posted(server: Server, path: str, status: int, **body: Any) -> dict[str, Any]:
    client = server.claims if path == "/claims" else server.manage
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_from_an_offer_to_a_customer_who_has_it(server: Server) -> None:
    offer = _posted(server, "/offers", 201, name="Free coffee")
    outcomes = {"points": 100, "offers": [offer["id"]], "tags": ["spring"]}
    promo_list = _posted(
        server,
        "/lists",
        201,
        name="Spring service recovery",
        type="single_use",
        entry_cap=10,
        outcomes=outcomes,
        code_format={"length": 12, "prefix": "SPR"},
        **_window(),
    )
    assert (promo_list["status"], promo_list["code_count"]) == ("active", 0)
    batch = _posted(server, f"/lists/{promo_list['id']}/batches", 202, quantity=1_000)
    address = f"/batches/{batch['id']}"
    wait_until(lambda: server.manage.get(address).json()["status"] == "active", 60)
    codes = server.manage.get(f"{address}/codes", params={"limit": 2}).json()
    first = codes["items"][0]
    assert (first["status"], first["code"][:4], len(first["code"])) == ("available", "SPR-", 18)

    sloppy = f" {first['code'].lower().replace('-', '_')} "
    claim = _posted(server, "/claims", 201, code=sloppy, customer="cust-42")
    assert claim["code"] == first["code"]
    assert claim["outcomes"]["offers"] == [{"id": offer["id"], "name": "Free coffee"}]
    customer = server.claims.get("/customers/cust-42").json()
    assert (customer["points"], customer["tags"], customer["claim_count"]) == (100, ["spring"], 1)
    assert [(o["id"], o["name"]) for o in customer["offers"]] == [(offer["id"], "Free coffee")]

    again = _posted(server, "/claims", 409, code=first["code"], customer="cust-42")
    assert (again["error"], again["claim_id"]) == ("already_claimed_by_customer", claim["id"])
    other = _posted(server, "/claims", 409, code=first["code"], customer="cust-43")
    assert other["customer_message"] == "This code has already been used."
    assert server.manage.get(f"/lists/{promo_list['id']}").json()["claim_count"] == 1
    assert "ok" in server.succeed("doctor").lower()


def test_a_million_codes_are_generated_while_claims_go_on(server: Server) -> None:
    shared = _posted(
        server,
        "/lists",
        201,
        name="Shared",
        type="multi_use",
        code="Everyone",
        outcomes={"points": 1},
        **_window(),
    )
    single = _posted(
        server, "/lists", 201, name="Big", type="single_use", outcomes={"points": 1}, **_window()
    )
    batch = _posted(server, f"/lists/{single['id']}/batches", 202, quantity=1_000_000)
    claimed = 0
    while (state := server.manage.get(f"/batches/{batch['id']}").json())["status"] == "pending":
        _posted(server, "/claims", 201, code="everyone", customer=f"cust-{claimed}")
        claimed += 1
    assert (state["status"], state["created"]) == ("active", 1_000_000)
    assert claimed > 1  # how many depends on the machine
    assert server.manage.get(f"/lists/{shared['id']}").json()["claim_count"] == claimed
    assert server.manage.get(f"/lists/{single['id']}").json()["code_count"] == 1_000_000
    server.succeed("doctor")
