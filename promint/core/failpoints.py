"""Named places at which a test can kill the process: PROMINT_FAILPOINT=claims.before_commit."""

import os
import signal

_ARMED = os.environ.get("PROMINT_FAILPOINT")


def reach(name: str) -> None:
    if name == _ARMED:
        os.kill(os.getpid(), signal.SIGKILL)
