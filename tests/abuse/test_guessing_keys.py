"""Keys through which codes are guessed are noticed, reported and slowed down."""

from datetime import timedelta

import pytest

from promint.accounts import keys, mails
from promint.accounts.models import AccountMail
from promint.accounts.roles import Role, Scope
from promint.core.claiming import callers
from promint.core.claiming.claims import Attempt, claim_many
from promint.core.claiming.throttle import Throttle
from promint.core.models import GuessingCustomer
from promint.core.rules.rules import Verdict
from promint.core.storage import database_now
from promint.worker.forgetting import Forgetting
from promint.worker.mail.account import compose
from tests.factories import ACTOR, a_code, a_member
from tests.servers import Server, wait_until

HOUR = timedelta(hours=1)


def unknown(owner: str, count: int, now) -> None:  # type: ignore[no-untyped-def]
    callers.count([(owner, True)] * count, now)


def test_many_unknown_codes_are_noticed_however_many_known_ones_are_beside_them() -> None:
    now = database_now()
    callers.count([("key_1", True)] * 100 + [("key_1", False)] * 5000, now)
    callers.count([("key_2", True)] * 99, now)
    assert callers.suspicious(now) == []
    assert callers.unusual(now) == ["key_1"]


def test_what_a_busy_shop_usually_sends_is_not_noticed_and_three_times_as_much_is() -> None:
    now = database_now()
    for day in range(2, 9):
        unknown("key_1", 200, now - timedelta(days=day))
    unknown("key_1", 599, now)
    assert callers.unusual(now) == []
    unknown("key_1", 1, now)
    assert callers.unusual(now) == ["key_1"]


@pytest.mark.parametrize(
    ("peaks", "level"),
    [([0] * 7, 100), ([0, 0, 0, 0, 900, 900, 900], 100), ([50, 0, 0, 60, 60, 60, 70], 180)],
)
def test_three_days_of_guessing_make_nothing_usual(peaks: list[int], level: int) -> None:
    assert callers.noticed_from(peaks) == level


def test_a_throttled_key_claims_known_codes_and_its_unknown_ones_are_counted_for_nobody() -> None:
    attempts = [Attempt("NOSUCHCODE", "cust-1", "key_1"), Attempt(a_code(), "cust-2", "key_1")]
    others = [Attempt("NOSUCHCODE", "cust-3", "key_2")]
    replies = claim_many([*attempts, *others], throttled=frozenset({"key_1"}))
    found = [reply.result for reply in replies]
    assert [one and one.verdict for one in found] == [
        Verdict.TOO_MANY_ATTEMPTS,
        Verdict.CLAIMED,
        Verdict.CODE_NOT_FOUND,
    ]
    assert found[0] is not None
    assert found[0].throttled
    assert found[0].locked_until == callers.end_of_hour(found[0].now)
    assert list(GuessingCustomer.objects.values_list("customer", flat=True)) == ["cust-3"]


def test_the_throttle_counts_an_hour_over_all_processes_and_begins_anew() -> None:
    now, throttle = database_now().replace(minute=30), Throttle()
    bound = callers.BOUND_BY * callers.NOTICED
    for _ in range(bound - 1):
        throttle.note("key_1", now)
    assert throttle.full(now) == frozenset()
    throttle.note("key_1", now)
    assert throttle.full(now) == {"key_1"}
    assert throttle.full(now + HOUR) == frozenset()
    unknown("key_1", bound, now)  # by other processes
    fresh = Throttle()
    fresh.note("key_1", now)
    fresh.learn(now)
    assert fresh.full(now) == {"key_1"}


def test_at_the_door_unknown_codes_beyond_the_bound_are_429_and_known_ones_claimed(
    web: Server,
) -> None:
    code, key = a_code(), keys.create("Till", [Scope.CLAIM], ACTOR)
    row, secret = key
    unknown(row.public_id, callers.BOUND_BY * callers.NOTICED, database_now())
    caller = web.client(secret)

    def send(code: str, customer: str):  # type: ignore[no-untyped-def]
        return caller.post("/claims", json={"code": code, "customer": customer})

    send("NOSUCHCODE", "cust-0")
    wait_until(lambda: send("NOSUCHCODE", "cust-1").status_code == 429, 60)
    answer = send("NOSUCHCODE", "cust-2")
    assert answer.status_code == 429
    assert answer.json()["error"] == "too_many_attempts"
    assert "This key sent too many unknown codes" in answer.json()["detail"]
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert send(code, "cust-3").status_code == 201


def test_administrators_are_mailed_once_a_day_and_a_key() -> None:
    admin, _ = a_member(Role.ADMIN), a_member(Role.MANAGER)
    row, _ = keys.create("Tills", [Scope.CLAIM], ACTOR)
    unknown(row.public_id, 100, database_now())
    for _ in range(2):
        Forgetting().turn()
    mail = AccountMail.objects.get()
    assert (mail.address, mail.about, mail.subject) == (admin.email, "guessing", row.public_id)
    sent = compose(mail)
    assert "Tills" in sent["Subject"]
    assert "/keys" in sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    AccountMail.objects.update(created_at=database_now() - mails.WARNED_EVERY)
    mails.warn_of_guessing()
    assert AccountMail.objects.count() == 2
    keys.revoke(row.public_id, ACTOR)
    AccountMail.objects.all().delete()
    mails.warn_of_guessing()
    assert not AccountMail.objects.exists()


def test_a_customer_who_guessed_a_little_is_soon_forgotten() -> None:
    claim_many([Attempt("NOSUCHCODE", "cust-1", "key_1")])
    Forgetting().turn()
    assert GuessingCustomer.objects.count() == 1
    GuessingCustomer.objects.update(guessed_at=database_now() - timedelta(minutes=11))
    Forgetting().turn()
    assert not GuessingCustomer.objects.exists()
