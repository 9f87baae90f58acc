"""What an installation is for, from beginning to end over HTTP: codes are made, uploaded, claimed,
handed out, cancelled, exported and printed."""

from typing import Any

import httpx

from tests.installations import add_a_list
from tests.servers import Server, wait_until

SOON = 60  # seconds
UPLOADED = [f"UPLOADED-{number:04}" for number in range(2_000)]
RECIPIENTS = [f"recipient-{number}" for number in range(20)]


def post(client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(path, json=body or {}).raise_for_status().json()


def send(server: Server, path: str, rows: list[str]) -> Any:
    file = {"file": ("rows.csv", "\n".join(rows).encode())}
    return server.manage.post(path, files=file).raise_for_status().json()


def active(server: Server, path: str) -> Any:
    """What is read there when a worker has done it."""

    def look() -> Any:
        told = server.manage.get(path).raise_for_status().json()
        assert told["status"] != "failed", told
        return told

    wait_until(lambda: look()["status"] == "active", SOON)
    return look()


def downloaded(server: Server, asked: dict[str, Any]) -> bytes:
    export = post(server.manage, "/exports", asked)["id"]
    active(server, f"/exports/{export}")
    return server.manage.get(f"/exports/{export}/file").raise_for_status().content


def run_everything(server: Server) -> None:
    """With a web process and a worker that run. The doctor is content afterwards."""
    made, loaded = add_a_list(server), add_a_list(server, name="Theirs", type="third_party")
    batch = post(server.manage, f"/lists/{made}/batches", {"quantity": 1_000})["id"]
    upload = send(server, f"/lists/{loaded}/uploads", UPLOADED)["id"]
    assert active(server, f"/batches/{batch}")["created"] == 1_000
    assert active(server, f"/batches/{upload}")["created"] == len(UPLOADED)
    answer = server.manage.get(f"/batches/{batch}/codes", params={"limit": 2}).json()
    first, second = [item["code"] for item in answer["items"]]

    body = {"code": first, "customer": "anna"}
    assert post(server.claims, "/claims", body)["outcomes"]["points"] == 100
    post(server.claims, "/claims", {"code": UPLOADED[0], "customer": "anna"})
    assert server.claims.post("/claims", json=body | {"customer": "ben"}).status_code == 409
    assert server.claims.get("/customers/anna").json()["points"] == 200
    assert post(server.claims, f"/lists/{made}/handouts", {"recipient": "ben"})["code"]
    post(server.manage, f"/codes/{second}/cancel")
    assert server.claims.post("/claims", json=body | {"code": second}).status_code == 409

    bulk = send(server, f"/lists/{loaded}/handouts/bulk", RECIPIENTS)
    active(server, address := f"/bulk-handouts/{bulk['id']}")
    given = server.manage.get(f"{address}/file").raise_for_status().text
    assert all(recipient in given for recipient in RECIPIENTS)
    for format in ("csv", "xlsx"):
        file = downloaded(server, {"batch": upload, "format": format})
        assert format == "xlsx" or file.count(b"\n") == len(UPLOADED) + 1
    assert server.manage.get(f"/batches/{upload}/rejects").raise_for_status()
    server.succeed("doctor")
