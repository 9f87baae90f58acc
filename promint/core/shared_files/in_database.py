"""Files as pieces in the database."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from promint.core import failpoints
from promint.core.models import FilePiece
from promint.core.shared_files.place import PIECE
from promint.core.storage import database_now, durable


class InDatabase:
    piece = PIECE

    @durable
    def put(self, name: str, file: Path) -> None:
        FilePiece.objects.filter(name=name).delete()
        size, now = file.stat().st_size, database_now()
        with file.open("rb") as source:
            for number in range(max(1, -(-size // PIECE))):
                piece = FilePiece(name=name, number=number, size=size, stored_at=now)
                piece.content = source.read(PIECE)
                piece.save(force_insert=True)
                failpoints.reach("shared_files.between_pieces")

    @durable
    def delete(self, name: str) -> None:
        FilePiece.objects.filter(name=name).delete()

    def size(self, name: str) -> int | None:
        first = FilePiece.objects.filter(name=name, number=0)
        return first.values_list("size", flat=True).first()

    def read(self, name: str, start: int, length: int) -> bytes:
        number, skipped = divmod(start, PIECE)
        found = FilePiece.objects.filter(name=name, number=number)
        content = found.values_list("content", flat=True).first()
        return bytes(content or b"")[skipped : skipped + length]

    def stored(self, directory: str) -> Iterator[tuple[str, datetime]]:
        first = FilePiece.objects.filter(number=0, name__startswith=f"{directory}/")
        yield from first.values_list("name", "stored_at")
