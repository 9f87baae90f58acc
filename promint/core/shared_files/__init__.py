"""Files that another machine must read: uploads, until they are loaded, and exports."""

from promint.core.shared_files.files import (
    are_in_a_store,
    at_hand,
    bring,
    delete,
    hand_over,
    is_there,
    kept_beside_the_database,
    open_file,
    stored,
    stored_in_the_database,
)
from promint.core.shared_files.in_s3 import StoreFails, look
from promint.core.shared_files.place import PIECE

__all__ = [
    "PIECE",
    "StoreFails",
    "are_in_a_store",
    "at_hand",
    "bring",
    "delete",
    "hand_over",
    "is_there",
    "kept_beside_the_database",
    "look",
    "open_file",
    "stored",
    "stored_in_the_database",
]
