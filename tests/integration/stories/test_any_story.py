"""Random stories: whatever happens in whatever order, each verb says what a simple model says, and
in the end every invariant holds.

`make test` tells a few short stories; if one fails, it is shown as it was told. STORIES=3000 tells
more and longer ones, and makes a failing one as short as it gets, which takes minutes.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.stories.clock import standing_clock
from tests.integration.stories.machine import AnyStory

STORIES = int(os.environ.get("STORIES", "0"))


@pytest.mark.timeout(0 if STORIES else 300)
def test_in_any_story_every_verb_says_what_the_model_says() -> None:
    with standing_clock() as clock:
        AnyStory.clock = clock
        run_state_machine_as_test(
            AnyStory,
            settings=settings(
                max_examples=STORIES or 10,
                stateful_step_count=60 if STORIES else 40,
                phases=list(Phase) if STORIES else [Phase.reuse, Phase.generate],
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
