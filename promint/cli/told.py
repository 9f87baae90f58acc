"""How commands fail: a sentence and an exit status."""

import sys

USAGE, FAILED, OWN_LISTS = 2, 1, 3  # exit statuses
INTERRUPTED = 130  # by Ctrl-C, as shells say it


def say(sentence: str, status: int) -> int:
    print(f"promint: {sentence}", file=sys.stderr)
    return status
