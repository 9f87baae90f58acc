"""Files that hold codes: in the data directory, outside the web root, readable by nobody else."""

import os
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


def directory(name: str) -> Path:
    """`name`: exports, uploads or mails."""
    path = Path(settings.DATA_DIR) / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def create(path: Path) -> BinaryIO:
    """Open a new file for writing. Raises FileExistsError."""
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def finish(file: BinaryIO, name: Path) -> None:
    """Close a whole file and give it the name under which it is looked for."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
    os.replace(file.name, name)
