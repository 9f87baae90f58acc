"""Free space where this machine writes: the data directory, and SQLite's file."""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection

from promint.core.storage import on_postgresql
from promint.readiness.remark import Remark, fine, not_fine, warning

GIB = 1024**3
TOO_LITTLE, FEW = 1 * GIB, 5 * GIB


def look() -> list[Remark]:
    remarks = [_space("the data directory", settings.DATA_DIR)]
    if on_postgresql():
        remarks.append(fine("The database server's disk cannot be seen from here: look there."))
        return remarks
    beside = Path(connection.settings_dict["NAME"]).parent
    if beside.is_dir() and beside != settings.DATA_DIR:
        remarks.append(_space("the database file's directory", beside))
    return remarks


def _space(place: str, directory: Path) -> Remark:
    return of_space(place, directory, shutil.disk_usage(directory).free)


def of_space(place: str, directory: Path, free: int) -> Remark:
    said = f"{free / GIB:,.1f} GiB are free in {place}"
    if free < TOO_LITTLE:
        return not_fine(f"Only {said} ({directory}): make room, at least 1 GiB, better 5.")
    if free < FEW:
        return warning(f"Only {said} ({directory}): ten million codes take 1 to 1.3 GiB.")
    return fine(f"{said}.")
