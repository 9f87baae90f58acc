"""Claims that staff enter for a customer: the same rules, and an entry in the audit log."""

from functools import partial

import pytest

from promint.core import customers
from promint.core.claiming import by_staff, guessing
from promint.core.claiming.claims import Result
from promint.core.models import AuditEntry, Claim
from promint.core.rules.refusals import Refused
from promint.core.rules.rules import ListType, Verdict
from tests.at_once import all_at_once
from tests.factories import a_code, a_list, claim

AGENT = "staff:agent@example.com"


def claim_for(customer: str, code: str) -> Result:
    return by_staff.claim_for(customer, code, AGENT)


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="claim.made_for_customer"))


def test_a_claim_issues_what_it_should_and_is_written_to_the_audit_log() -> None:
    code = a_code()
    result = claim_for("cust-1", code.lower().replace("-", " "))
    assert result.verdict is Verdict.CLAIMED
    assert customers.profile("cust-1").points == 100
    (entry,) = entries()
    made = Claim.objects.get()
    assert (entry.actor, entry.subject, entry.created_at) == (AGENT, made.code_id, made.claimed_at)
    assert entry.after == {
        "claim": made.id,
        "customer": "cust-1",
        "list": made.list.public_id,
    }


def test_a_refusal_changes_nothing_but_the_record_of_the_attempt() -> None:
    code = a_code()
    claim(code, "cust-1")
    assert claim_for("cust-2", code).verdict is Verdict.CODE_ALREADY_CLAIMED
    assert entries() == []
    assert customers.newest_refusals("cust-2", 5)[0].attempt.verdict == "code_already_claimed"


def test_unknown_codes_count_towards_the_lockout_of_the_customer() -> None:
    verdicts = [claim_for("cust-1", f"NOSUCHCODE{i}").verdict for i in range(11)]
    assert verdicts == [Verdict.CODE_NOT_FOUND] * 10 + [Verdict.TOO_MANY_ATTEMPTS]
    assert guessing.locked_until("cust-1") is not None
    assert guessing.lift("cust-1", AGENT)
    assert claim_for("cust-1", a_code()).verdict is Verdict.CLAIMED


@pytest.mark.parametrize(
    ("customer", "code", "field"),
    [("", "SPRING", "customer"), ("a\nb", "SPRING", "customer"), ("c", " ", "code"),
     ("c" * 256, "SPRING", "customer"), ("c", "x" * 201, "code")],
)  # fmt: skip
def test_what_cannot_be_an_attempt_is_refused_with_its_field(
    customer: str, code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        claim_for(customer, code)
    assert list(refused.value.fields) == [field]


def test_two_agents_with_the_same_code_at_once_make_one_claim() -> None:
    promo_list = a_list(ListType.MULTI_USE, code="Shared", entry_cap=3)
    results = all_at_once([partial(claim_for, f"cust-{i % 4}", "Shared") for i in range(8)])
    verdicts = [result.verdict for result in results if isinstance(result, Result)]
    assert verdicts.count(Verdict.CLAIMED) == 3 == len(entries())
    promo_list.counter.refresh_from_db()
    assert promo_list.counter.claims == 3
