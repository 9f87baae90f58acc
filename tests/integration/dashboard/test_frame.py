"""Checks the test setup itself: the database that a test gets."""

from django.db import connection

from promint.accounts.roles import Role
from promint.core.models import Code, PromoList
from promint.core.rules.rules import Verdict
from tests import databases
from tests.factories import a_code, a_member, claim


def test_the_run_is_on_the_database_that_was_asked_for() -> None:
    assert connection.vendor == ("sqlite" if databases.cluster is None else "postgresql")


def test_a_test_can_claim_a_generated_code() -> None:
    assert claim(a_code()).verdict is Verdict.CLAIMED
    assert Code.objects.count() == 1


def test_a_test_starts_with_empty_tables() -> None:
    assert not PromoList.objects.exists()
    a_member(Role.VIEWER)
