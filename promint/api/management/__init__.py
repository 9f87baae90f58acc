"""The management API: an endpoint file for each noun, described by OpenAPI."""

from promint.api.management.operations import management

__all__ = ["management"]
