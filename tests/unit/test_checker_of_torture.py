"""What the checker of torture says of a few calls. Mutants show that it finds defects."""

from datetime import UTC, datetime
from typing import Any

import pytest

from torture.checker import judge, refusals, rest
from torture.checker.history import History
from torture.final import Final, ListAsRead
from torture.journal import Call

CODES = ("AAAA", "BBBB")


def call(verb: str, at: float, answer: dict[str, Any], status: int = 200, **sent: Any) -> Call:
    return Call(0, "one", "calm", verb, sent, None, at, at + 0.5, status, answer=answer)


def told(at: float) -> Call:
    return call("read_codes", at, {"items": [{"code": code, "list": "here"} for code in CODES]})


def none_left(at: float, there: str = "here") -> Call:
    return call("hand_out", at, {"error": "no_codes_left"}, 409, list=there, by="somebody")


def handed_out(code: str, at: float) -> dict[str, Any]:
    when = datetime.fromtimestamp(at, UTC).isoformat()
    return {"code": code, "recipient": "another", "id": code, "handed_out_at": when}


def found(calls: list[Call], handouts: list[dict[str, Any]]) -> list[str]:
    lists = {
        "here": ListAsRead({"id": "here"}, [], handouts=handouts),
        "elsewhere": ListAsRead({"id": "elsewhere"}, []),
    }
    return list(rest.codes_are_handed_out_while_there_are_some(History(calls, Final(lists))))


@pytest.mark.parametrize(
    ("calls", "handouts", "is_wrong"),
    [
        ([told(1), none_left(2)], [], True),
        ([told(1), none_left(2)], [handed_out("AAAA", 1.8)], True),
        ([told(1), none_left(2)], [handed_out("AAAA", 1.8), handed_out("BBBB", 2.4)], False),
        ([told(1), none_left(2)], [handed_out("AAAA", 1.8), handed_out("BBBB", 2.6)], True),
        ([told(2.2), none_left(2)], [], False),  # the batch may have been empty before
        ([told(1), none_left(2, "elsewhere")], [], False),
    ],
)
def test_no_codes_left_is_wrong_while_a_known_code_is_free(
    calls: list[Call], handouts: list[dict[str, Any]], is_wrong: bool
) -> None:
    assert bool(found(calls, handouts)) is is_wrong


def refused(error: str, status: int, at: float, customer: str) -> Call:
    return call("claim", at, {"error": error}, status, code="AAAA", customer=customer)


@pytest.mark.parametrize(
    ("guesses", "at", "is_wrong"), [(999, 60, True), (1000, 60, False), (1000, 3601, True)]
)
def test_a_lockout_without_a_guess_is_wrong_unless_the_key_sent_very_many_in_that_hour(
    guesses: int, at: float, is_wrong: bool
) -> None:
    of_others = [refused("code_not_found", 404, 1, f"guesser-{n}") for n in range(guesses)]
    calls = [*of_others, refused("too_many_attempts", 429, at, "another")]
    told = list(refusals.customers_are_locked_out_for_guessing(History(calls, Final())))
    assert bool(told) is is_wrong


def test_what_could_not_be_read_is_a_finding_and_the_other_rules_are_applied() -> None:
    sent = {"code": "AAAA", "customer": "somebody"}
    refused = call("claim", 1, {"error": "cap_reached"}, 409, **sent)
    unread = Final(problems=["GET /lists: 503 busy"])
    findings = {found.rule: found.what for found in judge(History([refused], unread))}
    assert findings.keys() == {"claims are refused for a reason", "everything came to rest"}
    assert "this could not be judged" in findings["claims are refused for a reason"][0]
