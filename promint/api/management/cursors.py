"""Cursors: where the next page of a collection begins, readable by the server only.

They are encrypted, because a position in a batch is a code, and no URL may contain a code in plain
text.
"""

import json

from promint.api.problems import ProblemRaised, invalid_request
from promint.core.storage import sealed

_PURPOSE = "promint.api.management.cursors"


def write(collection: str, *position: str) -> str:
    return sealed.seal(_PURPOSE, json.dumps([collection, *position]))


def read(cursor: str, collection: str) -> list[str]:
    """The position. Raises ProblemRaised if `write` did not make it for this collection."""
    written = sealed.unseal(_PURPOSE, cursor)
    position: list[str]
    made_for, *position = json.loads(written or "[null]")
    if made_for != collection:
        raise ProblemRaised(
            invalid_request(
                {"cursor": 'Use the value of "next" from a page of this same collection.'}
            )
        )
    return position
