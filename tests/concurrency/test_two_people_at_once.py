"""Two people save the same form at the same moment: one change is saved, and the other person is
shown both values. Whichever request is first, the second one must not overwrite it unseen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from promint.accounts.roles import Role
from tests.at_once import all_at_once
from tests.factories import signed_in
from tests.integration.dashboard.test_two_people import FORMS, Case, shown_at_first

ROUNDS = 10  # two requests do not always meet


@pytest.mark.parametrize("make", FORMS)
def test_of_two_changes_at_once_one_is_saved_and_the_other_is_shown_beside_it(
    make: Callable[[], Case],
) -> None:
    people = [signed_in(Role.ADMIN), signed_in(Role.ADMIN)]
    for _ in range(ROUNDS):
        case = make()
        first = shown_at_first(people[0], case)
        sent = [case.mine, case.mine | case.rival]
        answers = all_at_once(
            [_saves(one, case, first | typed) for one, typed in zip(people, sent, strict=True)]
        )
        assert sorted(answers) == ["saved", "shown"]


def _saves(person: Client, case: Case, sent: dict[str, Any]) -> Callable[[], str]:
    def save() -> str:
        answer = person.post(case.address, sent)
        if answer.status_code == 302:
            return "saved"
        assert "was changed meanwhile" in answer.content.decode()
        return "shown"

    return save
