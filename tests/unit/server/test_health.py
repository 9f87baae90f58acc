"""Whether the database answers, when the event loop has much to do."""

import asyncio
import threading
import time

import pytest

from promint.server import health


def asked_while_the_loop_is_busy(look: health.Look) -> str:
    async def ask() -> str:
        asked = asyncio.create_task(look())
        await asyncio.sleep(0)  # the look begins
        time.sleep(2 * health.ANSWERS_WITHIN)
        return await asked

    return asyncio.run(ask())


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ANSWERS_WITHIN", 0.1)


def test_a_busy_loop_is_not_taken_for_a_silent_database() -> None:
    assert asked_while_the_loop_is_busy(health.Look(lambda: "")) == ""


def test_a_silent_database_is_told_from_a_busy_loop() -> None:
    answers = threading.Event()
    look = health.Look(lambda: "" if answers.wait(60) else "never")
    assert asked_while_the_loop_is_busy(look) == "The database does not answer."
    answers.set()
