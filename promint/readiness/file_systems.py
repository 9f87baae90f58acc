"""Which kind of file system a directory is on, where Linux says so."""

import re
from pathlib import Path

MOUNTED = Path("/proc/self/mountinfo")
_SHARED = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|lustre|gfs2|ocfs2|beegfs|fuse\.(?!fuse-overlay).+"
)


def is_shared(kind: str) -> bool:
    """Whether other machines may write there too, as far as is known."""
    return _SHARED.fullmatch(kind) is not None


def kind_of(directory: Path) -> str:
    """Empty if it is not known."""
    return named_in(MOUNTED.read_text(), directory.resolve()) if MOUNTED.exists() else ""


def named_in(mounted: str, directory: Path) -> str:
    """The kind of the innermost mount that holds the directory; of several in one place, the
    last one hides the others."""
    kind, depth = "", 0
    for line in mounted.splitlines():
        before, _, after = line.partition(" - ")
        place = Path(_unescaped(before.split()[4]))
        if directory.is_relative_to(place) and len(place.parts) >= depth:
            kind, depth = after.split()[0], len(place.parts)
    return kind


def _unescaped(text: str) -> str:
    return re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), text)
