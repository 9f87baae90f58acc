"""Which Promint this is, and which migrations it knows."""

import re
from importlib.metadata import version

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from promint.installation.archive import Manifest
from promint.installation.ended import Ended


def own_version() -> str:
    return version("promint")


def applied_migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def refuse_newer(manifest: Manifest) -> None:
    """Raises Ended if a newer Promint made the backup."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(manifest.migrations) - known)
    if unknown or _numbers(manifest.promint) > _numbers(own_version()):
        why = f" (it has {unknown[0]})" if unknown else ""
        raise Ended(
            f"The backup was made by Promint {manifest.promint}{why}, which is newer than this one,"
            f" {own_version()}. Install that one, and restore with it."
        )


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
