"""The socket that web processes accept connections from."""

import os
import socket

SOCKET = "PROMINT_SOCKET"  # its descriptor, for children

BACKLOG = 2048  # connections that wait to be accepted, also while no process runs


def listen(host: str, port: int) -> socket.socket:
    """Raises OSError or OverflowError when that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError):
        listening.close()
        raise
    return listening


def inherited() -> socket.socket | None:
    """The one that the parent listens on, if it does."""
    descriptor = os.environ.get(SOCKET)
    return socket.socket(fileno=int(descriptor)) if descriptor else None
