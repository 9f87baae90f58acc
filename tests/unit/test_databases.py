"""The message of a test run on a machine without PostgreSQL."""

import pytest

from tests import databases


@pytest.mark.parametrize(("ci", "status", "word"), [("", 0, "SKIPPED"), ("true", 1, "FAILED")])
def test_without_postgresql_a_run_on_it_is_skipped_and_in_ci_it_fails(
    ci: str,
    status: int,
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CI", ci)
    assert databases.say_what_is_skipped() == status
    assert capsys.readouterr().out.startswith(f"{word}: PostgreSQL is not installed")
