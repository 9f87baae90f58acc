"""The demo is not loaded into databases that are in use."""

from pathlib import Path

import pytest

from promint import demo
from promint.accounts.models import Staff
from promint.core import audit
from promint.core.models import AuditEntry, PromoList
from promint.core.storage.transactions import durable
from tests.factories import a_list
from tests.servers import Server


def test_the_demo_stays_out_of_a_database_with_lists_of_its_own() -> None:
    a_list()
    entries = AuditEntry.objects.count()
    with pytest.raises(demo.OwnLists, match="lists of its own"):
        demo.load()
    assert PromoList.objects.count() == 1
    assert not Staff.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_an_interrupted_load_is_not_mistaken_for_a_whole_one() -> None:
    a_list()
    durable(audit.record)("console", "demo.started", "demo")
    with pytest.raises(demo.OwnLists, match="interrupted"):
        demo.load()


def test_the_command_says_why_it_refuses_and_ends_with_its_own_status(tmp_path: Path) -> None:
    a_list()
    refused = Server.on_this_database(tmp_path).run("demo")
    assert refused.returncode == 3
    assert "lists of its own" in refused.stderr
    assert refused.stdout == ""
