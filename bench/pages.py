"""How long the dashboard's pages take with five thousand lists and millions of codes."""

import re
import time

import httpx

from bench.ground import Ground

LISTS = 5_000
ROUNDS = 40
PASSWORD = "a bench's long password"  # noqa: S105 - of a database that is thrown away


def run(ground: Ground) -> None:
    biggest = ground.call("many_lists", LISTS)
    ground.server.succeed(
        "user", "create", "bench@example.com", "--role", "admin", "--password-stdin", typed=PASSWORD
    )
    addresses = {
        "the lists": "/",
        "the lists, searched and sorted": "/?search=bench&sort=-claim_count&page=3",
        "the list with the most codes": f"/lists/{biggest}",
        "a form": "/lists/new",
    }
    with httpx.Client(base_url=ground.server.urls[-1], trust_env=False, timeout=60) as browser:
        _sign_in(browser)
        for name, address in addresses.items():
            ground.say(f"page, p95: {name}", _p95(browser, address) * 1000, "ms")


def _sign_in(browser: httpx.Client) -> None:
    page = browser.get("/login").text
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    form = {"username": "bench@example.com", "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
    answer = browser.post("/login", data=form, headers={"Referer": str(browser.base_url)})
    assert answer.status_code == httpx.codes.FOUND, answer.status_code


def _p95(browser: httpx.Client, address: str) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.monotonic()
        assert browser.get(address).status_code == httpx.codes.OK, address
        taken.append(time.monotonic() - started)
    return sorted(taken)[int(ROUNDS * 0.95)]
