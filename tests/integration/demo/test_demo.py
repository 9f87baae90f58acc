"""The demo data, loaded once for all of these tests."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.test import Client

from promint import demo
from promint.accounts.models import Staff
from promint.accounts.roles import Role
from promint.core import customers
from promint.core.models import (
    AuditEntry,
    Batch,
    BulkHandout,
    Cancellation,
    Claim,
    ClaimHour,
    Code,
    Customer,
    GuessingCustomer,
    Handout,
    PromoList,
    RefusedAttempt,
)
from promint.core.rules.rules import BatchStatus, ListStatus, ListType
from promint.core.storage.clock import database_now
from promint.demo import people
from promint.demo.campaigns import ZONE
from tests.conftest import empty_tables
from tests.soundness import assert_every_invariant_holds

COUNTED = (AuditEntry, Batch, Claim, Code, Customer, PromoList, RefusedAttempt, Staff)


@pytest.fixture(scope="module")
def loaded(migrated: None, django_db_blocker: pytest.FixtureRequest) -> None:
    with django_db_blocker.unblock():
        empty_tables()
        assert demo.load()
        connection.close()


@pytest.fixture(autouse=True)
def database(loaded: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Replaces the fixture that empties the database for each test."""
    with django_db_blocker.unblock():
        yield
        connection.close()


def test_the_doctor_finds_the_demo_sound() -> None:
    assert_every_invariant_holds()


def test_a_second_load_changes_nothing() -> None:
    before = [model.objects.count() for model in COUNTED]
    assert not demo.load()
    assert [model.objects.count() for model in COUNTED] == before


def test_it_has_lists_of_every_type_in_every_status() -> None:
    now = database_now()
    found = Counter(
        (ListType(one.type), one.status(now)) for one in PromoList.objects.select_related("counter")
    )
    assert set(found) == {(kind, status) for kind in ListType for status in ListStatus}
    assert found.total() >= 24


def test_it_has_batches_in_every_status_and_one_of_fifty_thousand_codes() -> None:
    assert set(Batch.objects.values_list("status", flat=True)) == set(BatchStatus)
    assert Batch.objects.filter(status=BatchStatus.ACTIVE, quantity=50_000).exists()
    assert Batch.objects.filter(source="upload", status=BatchStatus.ACTIVE, rejected__gt=0).exists()


def test_claims_go_on_for_weeks_up_to_now() -> None:
    now = database_now()
    moments = list(Claim.objects.values_list("claimed_at", flat=True))
    assert max(moments) <= now
    assert now - max(moments) < timedelta(hours=8)  # the shops are closed at night
    assert now - min(moments) > timedelta(weeks=7)


def test_claims_follow_the_week_and_the_day() -> None:
    now = database_now()
    month = timedelta(days=30)
    running = PromoList.objects.filter(starts_at__lt=now - month, ends_at__gt=now)
    claims = Claim.objects.filter(list__in=running, claimed_at__gt=now - month)
    moments = [at.astimezone(ZONE) for at in claims.values_list("claimed_at", flat=True)]
    weekdays = Counter(at.weekday() for at in moments if now - at < timedelta(weeks=4))
    assert weekdays[5] > 1.25 * weekdays[0] > 0  # Saturdays, Mondays
    hours = Counter(at.hour for at in moments)
    assert hours[8] > 3 * hours[20] > 0


def test_customers_have_long_histories() -> None:
    regulars = Customer.objects.order_by("-claims")[:5]
    for regular in regulars:
        profile = customers.profile(regular.id)
        assert profile.claim_count >= 20
        assert profile.points
        assert profile.offers
        assert profile.tags


def test_codes_are_cancelled_and_attempts_refused() -> None:
    now = database_now()
    assert Code.objects.exclude(cancelled_at=None).count() >= 15
    verdicts = set(RefusedAttempt.objects.values_list("verdict", flat=True))
    assert {"code_already_claimed", "cap_reached"} <= verdicts
    assert GuessingCustomer.objects.filter(locked_until__gt=now).exists()


def test_codes_are_handed_out_on_the_phone_and_by_a_file() -> None:
    now = database_now()
    given, by_file = Handout.objects.filter(bulk_id=None), Handout.objects.exclude(bulk_id=None)
    assert all(one.reason and one.handed_out_at < now - timedelta(hours=1) for one in given)
    bulk = BulkHandout.objects.select_related("list").get()
    assert (bulk.status, bulk.list.handout_bound) == (BatchStatus.ACTIVE, True)
    assert by_file.count() == bulk.handed_out
    codes = by_file.values("code")
    assert 0 < Claim.objects.filter(code__in=codes).count() < bulk.handed_out


def test_one_batch_was_cancelled_and_another_cancelled_in_error_and_undone() -> None:
    undone, stolen = Cancellation.objects.order_by("created_at")
    assert (stolen.undone_at, stolen.cancelled) == (None, 6_000)
    assert (undone.undone_at is not None, undone.freed) == (True, undone.cancelled)
    made_later = Code.objects.filter(cancelled_at__lt=F("batch__created_at"))
    assert not made_later.exists()
    assert undone.left["claimed"] > 100


def test_one_list_is_archived_a_while_after_its_end() -> None:
    old = PromoList.objects.exclude(archived_at=None).get()
    assert old.ends_at < old.archived_at < database_now()


def test_it_looks_as_if_made_over_weeks() -> None:
    now = database_now()
    lately = now - timedelta(hours=1)
    assert not PromoList.objects.filter(created_at__gt=lately).exists()
    pending = Batch.objects.filter(created_at__gt=lately)
    assert [batch.status for batch in pending] == [BatchStatus.PENDING]
    claimed = "claim.made_for_customer"  # this may have happened within the hour
    said_lately = AuditEntry.objects.filter(created_at__gt=lately).exclude(action=claimed)
    assert set(said_lately.values_list("action", flat=True)) == {
        "demo.started",
        "demo.loaded",
        "batch.requested",
    }
    assert {
        "list.created",
        "list.edited",
        "code.cancelled",
        "batch.failed",
        "key.revoked",
        claimed,
    } <= set(AuditEntry.objects.filter(created_at__lt=lately).values_list("action", flat=True))


def test_the_hours_of_the_charts_add_up_to_the_claims() -> None:
    assert ClaimHour.objects.aggregate(all=Sum("claims"))["all"] == Claim.objects.count() > 10_000


def test_there_is_somebody_of_every_role_and_the_demo_account_signs_in() -> None:
    assert set(Staff.objects.values_list("role", flat=True)) == set(Role)
    assert Staff.objects.get(email=people.DEMO).role == Role.ADMIN
    client = Client()
    answer = client.post("/login", {"username": people.DEMO, "password": people.PASSWORD})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
