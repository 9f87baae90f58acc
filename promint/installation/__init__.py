"""The whole installation at once: backup, restore, and copying to another database."""

from promint.installation.backup import Taken, backup
from promint.installation.copying import Copied, copy, environment_with
from promint.installation.ended import Ended
from promint.installation.restore import restore
from promint.installation.serving import announce

__all__ = [
    "Copied",
    "Ended",
    "Taken",
    "announce",
    "backup",
    "copy",
    "environment_with",
    "restore",
]
