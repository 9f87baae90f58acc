"""The socket on which web processes accept connections."""

import os
import socket

SOCKET = "PROMINT_SOCKET"  # its descriptor, for children

# Connections that wait to be accepted, even if no process runs. Where there are more, connecting
# takes seconds, because callers try again only then. Linux allows as many as net.core.somaxconn.
BACKLOG = 4096


def listen(host: str, port: int) -> socket.socket:
    """The socket. Raises OSError or OverflowError if it is not possible to listen there."""
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
    """The socket on which the parent process listens; None if there is none."""
    descriptor = os.environ.get(SOCKET)
    return socket.socket(fileno=int(descriptor)) if descriptor else None
