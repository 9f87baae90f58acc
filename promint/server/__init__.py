"""One process, one port: the HTTP server, what stands before Django, and the supervisor."""

__all__ = ["http_server", "listening", "supervisor"]
