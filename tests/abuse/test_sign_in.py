"""Strangers who try passwords: how much that costs, who is locked out, and what is stored."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from promint.accounts import allowances, hashing, links, network_addresses
from promint.accounts.allowances import Kind, Use
from promint.accounts.models import Staff, UsedAllowance
from promint.accounts.roles import Role
from promint.core.models import AuditEntry
from promint.core.storage import database_now
from promint.worker.forgetting import Forgetting
from tests.factories import PASSWORD, a_member
from tests.servers import Server

AT_ONCE = 48
MEMORY_MB = 150  # more than before, at most; two hashes take 38


def try_password(client: Client, name: str, password: str = "wrong", **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login", {"username": name, "password": password}, **more)


def use_up(name: str, client: Client | None = None) -> None:
    for _ in range(Kind.NAME.value.at_once):
        answer = try_password(client or Client(), name)
    assert answer.status_code == 429


def peak_megabytes(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def test_many_sign_ins_at_once_take_no_memory_and_hold_no_page_up(own_web: Server) -> None:
    caller = httpx.Client(base_url=own_web.url, trust_env=False, timeout=60)
    caller.get("/login")
    token = caller.cookies["csrftoken"]
    (process,) = own_web.processes
    before = peak_megabytes(process.pid)

    def stranger(number: int) -> httpx.Response:
        sent = {
            "username": f"stranger-{number}@example.com",
            "password": "a guess of a stranger",
            "csrfmiddlewaretoken": token,
        }
        cookies = {"csrftoken": token}
        return httpx.post(
            f"{own_web.url}/login", data=sent, cookies=cookies, trust_env=False, timeout=60
        )

    def page() -> float:
        started = time.monotonic()
        caller.get("/login").raise_for_status()
        return time.monotonic() - started

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [pool.submit(stranger, i) for i in range(AT_ONCE)]
        waited = page()
        found = [one.result() for one in answers]
    assert {one.status_code for one in found} <= {200, 429}
    assert all(int(one.headers["Retry-After"]) > 0 for one in found if one.status_code == 429)
    assert peak_megabytes(process.pid) - before < MEMORY_MB
    assert waited < 3


def test_no_more_than_two_passwords_are_hashed_at_once_and_few_wait() -> None:
    with hashing.a_place(), hashing.a_place():
        started = time.monotonic()
        with pytest.raises(hashing.Crowded), hashing.a_place():
            pass
        assert time.monotonic() - started >= hashing.LONGEST_WAIT.total_seconds()
        assert try_password(Client(), a_member(Role.VIEWER).email, PASSWORD).status_code == 429
    assert try_password(Client(), Staff.objects.get().email, PASSWORD).status_code == 302
    assert AuditEntry.objects.filter(action="staff.sign_in_failed").count() == 0


def test_a_password_hashed_with_more_memory_is_hashed_again_at_the_sign_in(
    usual_hashing: None,
) -> None:
    member = a_member(Role.VIEWER)
    old = Argon2PasswordHasher()
    Staff.objects.update(password=old.encode(PASSWORD, old.salt()))
    assert try_password(Client(), member.email, PASSWORD).status_code == 302
    member.refresh_from_db()
    assert member.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert try_password(Client(), member.email, PASSWORD).status_code == 302


def test_a_name_has_one_allowance_over_all_addresses() -> None:
    name = a_member(Role.VIEWER).email
    for i in range(Kind.NAME.value.at_once):
        answer = try_password(Client(REMOTE_ADDR=f"192.0.2.{i}"), name)
    assert answer.status_code == 429
    right = try_password(Client(REMOTE_ADDR="198.51.100.1"), name, PASSWORD)
    assert right.status_code == 429
    assert 0 < int(right["Retry-After"]) <= Kind.NAME.value.one_in.total_seconds()


def test_strangers_keep_nobody_out_who_has_signed_in_from_the_device_before() -> None:
    name, browser = a_member(Role.VIEWER).email, Client()
    assert try_password(browser, name, PASSWORD).status_code == 302
    browser.post("/logout")
    use_up(name)
    assert try_password(Client(), name, PASSWORD).status_code == 429
    assert try_password(browser, name, "a slip").status_code == 200
    assert try_password(browser, name, PASSWORD).status_code == 302


def test_a_device_has_an_allowance_too_and_only_for_its_own_person() -> None:
    mine, other = a_member(Role.VIEWER).email, a_member(Role.VIEWER).email
    browser = Client()
    try_password(browser, mine, PASSWORD)
    browser.post("/logout")
    use_up(other)
    assert try_password(browser, other, PASSWORD).status_code == 429
    statuses = [try_password(browser, mine).status_code for _ in range(25)]
    assert set(statuses[-5:]) == {429}


def test_an_invented_device_cookie_is_not_accepted() -> None:
    name, browser = a_member(Role.VIEWER).email, Client()
    use_up(name)
    for made_up in ("x", "WyJ4Il0:1:a", "\x7f" * 50):
        browser.cookies[settings.DEVICE_COOKIE_NAME] = made_up
        assert try_password(browser, name, PASSWORD).status_code == 429


def test_a_link_for_a_new_password_ends_the_limit_for_this_device_for_good() -> None:
    member = a_member(Role.VIEWER)
    use_up(member.email)
    browser, new = Client(), "another sentence of mine"
    link = links.address_of(member).removeprefix(settings.BASE_URL)
    assert browser.post(link, {"password": new, "again": new}).status_code == 302
    use_up(member.email)  # strangers continue
    assert try_password(browser, member.email, new).status_code == 302


def test_an_address_has_one_allowance_over_all_names_and_a_64_of_ipv6_is_one_address() -> None:
    name = a_member(Role.VIEWER).email
    full = Use(Kind.ADDRESS, network_addresses.network("2001:db8::1"))
    for _ in range(Kind.ADDRESS.value.at_once):
        allowances.take([full])
    same, other = Client(REMOTE_ADDR="2001:db8::ffff:2"), Client(REMOTE_ADDR="2001:db8:0:1::1")
    assert try_password(same, name, PASSWORD).status_code == 429
    assert try_password(other, name, PASSWORD).status_code == 302


def test_a_right_password_gives_its_try_back() -> None:
    name = a_member(Role.VIEWER).email
    for _ in range(2 * Kind.NAME.value.at_once):
        assert try_password(Client(), name, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    "sent", ["", "garbage", "'; DROP TABLE x", "1.2.3.4.5", "é" * 300, "a" * 5000, "::1%eth0;"]
)
def test_no_address_is_too_strange_for_a_failed_sign_in(sent: str) -> None:
    answer = try_password(Client(REMOTE_ADDR=sent), "nobody@example.com")
    assert answer.status_code == 200
    entry = AuditEntry.objects.get(action="staff.sign_in_failed")
    assert len(entry.after["address"]) <= 39


def test_a_garbage_forwarded_address_breaks_no_sign_in(web: Server) -> None:
    caller = httpx.Client(base_url=web.url, trust_env=False, timeout=60)
    caller.get("/login")
    sent = {
        "username": "nobody@example.com",
        "password": "wrong",
        "csrfmiddlewaretoken": caller.cookies["csrftoken"],
    }
    for garbage in ("not an address", "1.2.3.4:80", "<script>", ",,,", "é".encode(), "9" * 4000):
        answer = caller.post("/login", data=sent, headers={"X-Forwarded-For": garbage})
        assert answer.status_code == 200
    assert AuditEntry.objects.filter(after__address="1.2.3.4").exists()


def test_the_rows_of_tries_are_bounded_and_purged() -> None:
    for i in range(30):
        try_password(Client(), f"{'x' * 200}{i}@example.com", "the password typed")
    rows = list(UsedAllowance.objects.values_list("row", flat=True))
    assert len(rows) <= 32
    assert max(rows) < len(Kind) << 16
    assert not AuditEntry.objects.filter(after__icontains="the password typed").exists()
    UsedAllowance.objects.update(used_until=database_now() - timedelta(seconds=1))
    Forgetting().turn()
    assert not UsedAllowance.objects.exists()


def test_a_try_that_is_refused_by_the_limit_writes_nothing() -> None:
    name, client = a_member(Role.VIEWER).email, Client()
    use_up(name)
    with CaptureQueriesContext(connection) as asked:
        assert try_password(client, name).status_code == 429
    assert asked.captured_queries
    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def test_the_audit_log_takes_no_more_wrong_passwords_than_a_bounded_number() -> None:
    full = Use(Kind.WRITTEN_DOWN, "")
    UsedAllowance.objects.create(row=full.row, used_until=database_now() + timedelta(days=1))
    try_password(Client(), "nobody@example.com")
    assert not AuditEntry.objects.filter(action="staff.sign_in_failed").exists()
    UsedAllowance.objects.all().delete()
    try_password(Client(), "nobody@example.com")
    entry = AuditEntry.objects.get(action="staff.sign_in_failed")
    assert (entry.subject, entry.after) == ("nobody@example.com", {"address": "127.0.0.1"})


def test_mails_for_a_new_password_are_asked_for_so_often_by_one_address() -> None:
    for i in range(Kind.FORGOTTEN.value.at_once):
        answer = Client().post("/forgotten-password", {"email": f"{i}@example.com"})
        assert answer.status_code == 200
    answer = Client().post("/forgotten-password", {"email": "more@example.com"})
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
