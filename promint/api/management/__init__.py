"""The management API: a file for each noun, described by OpenAPI."""

from promint.api.management.operations import management

__all__ = ["management"]
