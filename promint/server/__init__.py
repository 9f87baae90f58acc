"""The HTTP server, what handles requests before Django, and the supervisor: one process serves
everything on one port."""

__all__ = ["http_server", "listening", "metrics", "supervisor"]
