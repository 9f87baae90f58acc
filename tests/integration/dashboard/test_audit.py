"""The audit log: who changed what and when, with the values before and after, found by filters."""

import ast
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

import promint
from promint.accounts import staff
from promint.accounts.roles import Role, Scope
from promint.core import audit as log
from promint.core import codes, exports, lists
from promint.core.claiming import guessing, reversal
from promint.core.codes import given_by_staff
from promint.core.models import AuditEntry, Claim
from promint.core.rules import HandoutRules
from promint.dashboard.audit import audit
from promint.dashboard.audit.words import ACTIONS
from tests.factories import (
    ACTOR,
    PASSWORD,
    a_batch,
    a_code,
    a_key,
    a_list,
    a_member,
    an_offer,
    claim,
    shown_codes,
)

QUERIES = 18
INES = "staff:ines@example.com"


def whats(client: Client, **filters: str) -> list[str]:
    """The actions that the page shows when these filters are typed into its form."""
    answer = client.post("/audit", filters, follow=True)
    assert answer.status_code == 200
    return [row.entry.action for row in answer.context["rows"]]


def an_entry_each(days: int = 3) -> None:
    """One entry a day, the newest now: about a list, then an offer, then a list again."""
    for ago in range(days):
        name = "offer.created" if ago % 2 else "list.created"
        at = timezone.now() - timedelta(days=ago)
        AuditEntry.objects.create(actor=INES, action=name, subject=f"s{ago}", created_at=at)


def test_entries_are_found_by_the_names_that_the_page_shows(admin: Client) -> None:
    mira = staff.create("mira@example.com", Role.MANAGER, PASSWORD, ACTOR, name="Mira Okafor")
    promo_list = a_list(name="ACME joint")
    lists.edit(promo_list.public_id, {"entry_cap": 9}, mira.actor)
    assert whats(admin, who="mira okafor") == ["list.edited"]
    assert whats(admin, about="Acme Joint") == ["list.edited", "list.created"]
    assert whats(admin, about="Acme") == []


def test_what_became_of_a_code_is_said_in_words(admin: Client) -> None:
    claimed = claim(a_code())
    assert claimed.claim is not None
    reversal.reverse(claimed.claim.id, "Order returned", ACTOR, available_again=False)
    assert "stays used" in admin.get("/audit").content.decode()


def test_an_edit_shows_what_was_before_and_after_and_nothing_else(admin: Client) -> None:
    promo_list = a_list(name="Spring", entry_cap=100)
    lists.edit(promo_list.public_id, {"name": "Sp <b>", "entry_cap": None}, INES)
    answer = admin.get("/audit")
    edited = answer.context["rows"][0]
    assert (edited.what, edited.by) == ("List edited", "ines@example.com")
    assert edited.about.text == "Sp <b>"
    assert [(c.label, c.before, c.after) for c in edited.changes] == [
        ("Name", "Spring", "Sp <b>"),
        ("Entry cap", "100", "no cap"),
    ]
    said = answer.content.decode()
    assert "Sp &lt;b&gt;" in said
    assert f"/lists/{promo_list.public_id}" in said


def test_times_read_in_the_persons_zone(admin: Client) -> None:
    promo_list = a_list()
    later = promo_list.ends_at.replace(month=12, day=24, hour=12, minute=0)
    lists.edit(promo_list.public_id, {"ends_at": later}, INES)
    staff.Staff.objects.update(time_zone="Asia/Tokyo")
    (change,) = admin.get("/audit").context["rows"][0].changes
    assert change.label == "End"
    assert change.after == f"Dec 24, {later.year}, 21:00 JST"


def test_everything_is_named_and_leads_to_its_page(admin: Client) -> None:
    promo_list = a_list(name="Autumn", handout=HandoutRules(agents_per_day=1))
    batch = a_batch(promo_list, 2, name="Cards")
    code, given = shown_codes(batch)
    export = exports.request_batch(batch.public_id, "xlsx", ACTOR)
    codes.cancel(code, "lost", ACTOR)
    given_by_staff.give(promo_list.public_id, "cust/8", "Cold coffee", ACTOR)
    claim(given, "cust/8")
    reversal.reverse(Claim.objects.get().id, "returned", ACTOR, available_again=False)
    an_offer("Free coffee")
    a_key(Scope.CLAIM, name="Tills")
    for i in range(10):
        claim(f"NOSUCHCODE{i}", "cust/7")
    guessing.lift("cust/7", ACTOR)
    answer = admin.get("/audit")
    about = {row.entry.action: row.about for row in answer.context["rows"]}
    assert about["batch.requested"].text == "Cards of Autumn"
    assert about["export.requested"].text == "Autumn, .xlsx"
    assert about["export.requested"].address == f"/lists/{export.list.public_id}"
    assert about["offer.created"].text == "Free coffee"
    assert about["key.created"].text == "Tills"
    assert resolve(about["lockout.lifted"].address).kwargs == {"customer": "cust/7"}
    assert about["code.cancelled"].text == code
    assert about["code.handed_out"].text == about["claim.reversed"].text == given
    assert admin.get(about["code.cancelled"].address).context["code"].shown == code


def test_filters_find_by_who_what_about_and_time(admin: Client) -> None:
    AuditEntry.objects.all().delete()
    an_entry_each(3)
    AuditEntry.objects.create(actor="key:Tills", action="code.cancelled", subject="SPRING")
    assert whats(admin, who="Tills") == ["code.cancelled"]
    of_ines = ["list.created", "offer.created", "list.created"]
    assert whats(admin, who=" INES@example.com ") == of_ines
    assert whats(admin, who=INES, action="offer.created") == ["offer.created"]
    assert whats(admin, about="s1") == ["offer.created"]
    assert whats(admin, about="spr-ing") == ["code.cancelled"]
    day = (timezone.now() - timedelta(days=1)).date().isoformat()
    assert whats(admin, since=day, until=day) == ["offer.created"]
    assert len(whats(admin, since=day)) == 3
    assert whats(admin, until=day) == ["offer.created", "list.created"]
    assert whats(admin, who="nobody") == []


def test_invalid_values_in_a_filter_are_ignored(admin: Client) -> None:
    AuditEntry.objects.all().delete()
    an_entry_each(1)
    for query in ("?action=nonsense", "?since=yesterday&until=2026-99-99", "?about=made+up",
                  "?who=%00", "?since=0001-01-01&until=9999-12-31"):  # fmt: skip
        assert len(admin.get(f"/audit{query}").context["rows"]) == 1
    assert admin.get("/audit?before=nonsense").status_code == 404


def test_a_code_in_the_filter_stands_in_no_address(admin: Client) -> None:
    code = a_code()
    codes.cancel(code, "", ACTOR)
    answer = admin.post("/audit", {"about": code})
    assert code not in unquote(answer["Location"])
    assert code.replace("-", "") not in unquote(answer["Location"])
    page = admin.get(answer["Location"])
    assert f'value="{code}"' in page.content.decode()
    assert [row.entry.action for row in page.context["rows"]] == ["code.cancelled"]


def test_entries_go_on_page_by_page_also_within_one_instant(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PER_PAGE", 2)
    AuditEntry.objects.all().delete()
    now = timezone.now()
    for i in range(5):
        AuditEntry.objects.create(actor=INES, action="list.edited", subject=f"s{i}", created_at=now)
    seen, address = [], "/audit?action=list.edited"
    for size in (2, 2, 1):
        answer = admin.get(address)
        assert len(answer.context["rows"]) == size
        seen += [row.entry.subject for row in answer.context["rows"]]
        address = f"/audit?action=list.edited&before={answer.context['next']}"
    assert answer.context["next"] is None
    assert sorted(seen) == [f"s{i}" for i in range(5)]


def test_only_administrators_read_it(manager: Client) -> None:
    assert manager.get("/audit").status_code == 403
    assert "/audit" not in manager.get("/").content.decode()


def noted_in(path: Path) -> set[str]:
    """The actions that a module writes to the audit log, as far as they are written as
    constants."""
    return {
        argument.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "record"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        if "." in argument.value and " " not in argument.value
    }


def test_every_action_has_words() -> None:
    noted = set().union(*(noted_in(path) for path in Path(promint.__path__[0]).rglob("*.py")))
    assert {"list.created", "staff.role_changed", "lockout.lifted"} <= noted
    assert noted <= ACTIONS.keys()


def test_a_full_page_costs_no_more_queries_than_a_short_one(admin: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get("/audit").status_code == 200
        return len(queries)

    def things() -> None:
        batch = a_batch(a_list(name="Autumn"))
        exports.request_batch(batch.public_id, "csv", ACTOR)
        codes.cancel(a_code(), "", ACTOR)
        an_offer()
        a_key()
        log.record(a_member(Role.VIEWER).actor, "staff.profile_edited", "x")

    things()
    cost()
    few = cost()
    for _ in range(4):
        things()
    cost()
    assert cost() == few <= QUERIES


def test_printed_sheets_do_not_break_the_page(admin: Client) -> None:
    promo_list = a_list()
    shown_codes(a_batch(promo_list))
    exports.print_list(promo_list.public_id, exports.Wanted("cards", "A4", "Hello", 1, None), ACTOR)
    page = admin.get("/audit")
    assert page.status_code == 200
    assert page.content.decode().count("Valid until") == 1
