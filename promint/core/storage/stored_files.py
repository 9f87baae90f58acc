"""Files that hold codes: in the data directory, not served to the web, readable by Promint's user
only."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


def directory(name: str) -> Path:
    """The directory for exports, uploads or mails. Made if it is missing."""
    path = Path(settings.DATA_DIR) / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def create(path: Path) -> BinaryIO:
    """Open a new file for writing. Raises FileExistsError."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def finish(file: BinaryIO, name: Path) -> None:
    """Close a complete file and give it its final name."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
    os.replace(file.name, name)


def found_no_room(error: BaseException | None) -> bool:
    """Whether a file could not be written because the disk, or its quota, is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
