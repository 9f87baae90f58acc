"""Whether a file is what its name says, checked before anything reads all of it. Pure.

Only the first bytes and the table of contents of a workbook are read.
"""

import lzma
import mmap
import struct
import zipfile
import zlib
from pathlib import Path

from promint.core.reading.text import is_wide
from promint.core.rules import limits

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xls", ".xlsx")
ENDINGS = TEXT + WORKBOOKS
_TEXT_LOOKED_AT = 64 * 1024  # bytes
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TEXT = (_ZIP, _OLE, b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!")
_XLS_STREAMS = ("Workbook\0".encode("utf-16-le"), "Book\0".encode("utf-16-le"))
_XLSX_PARTS = {"[Content_Types].xml", "xl/workbook.xml"}
_XLSX_DIRECTORY = 1024 * 1024  # bytes: the zip's list of its parts
_ZIP_END = 22 + 65_535  # bytes at the end within which a zip's last record begins
_ZIP64_END = b"PK\x06\x07"


def problem(path: Path) -> str | None:
    """A sentence for the sender about what is wrong, or None. The path ends as the name of the
    file did, in lower case: one of ENDINGS."""
    if path.suffix in TEXT:
        return _text_problem(path)
    return _xls_problem(path) if path.suffix == ".xls" else _xlsx_problem(path)


def _text_problem(path: Path) -> str | None:
    with open(path, "rb") as file:
        start = file.read(_TEXT_LOOKED_AT)
    if start.startswith(_NO_TEXT) or (b"\0" in start and not is_wide(start)):
        return f"The file does not contain text, although its name ends in {path.suffix}."
    return None


def _xls_problem(path: Path) -> str | None:
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        if content[: len(_OLE)] == _OLE and any(content.find(s) >= 0 for s in _XLS_STREAMS):
            return None
    return "The file is not an Excel 97-2003 workbook, although its name ends in .xls."


# The exceptions that a damaged or crafted archive can raise when it is opened and read.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def _xlsx_problem(path: Path) -> str | None:
    with open(path, "rb") as file:
        if file.read(len(_OLE)) == _OLE:
            return "The workbook is protected by a password, or it is an .xls with another ending."
    try:
        if _directory_is_long(path):
            return "The workbook has far more parts than workbooks have."
        with zipfile.ZipFile(path) as book:
            return _contents_problem(book)
    except _DAMAGED:
        return "The file is not an Excel workbook or is damaged, although its name ends in .xlsx."


def _directory_is_long(path: Path) -> bool:
    """Whether the zip's list of parts is long, or its length cannot be told. zipfile would read
    all of it. Only archives of gigabytes need Zip64."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - _ZIP_END))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise zipfile.BadZipFile
    size: int = struct.unpack_from("<L", tail, end + 12)[0]
    return size > _XLSX_DIRECTORY or _ZIP64_END in tail[:end]


def _contents_problem(book: zipfile.ZipFile) -> str | None:
    parts = book.infolist()
    if not _XLSX_PARTS.issubset(book.namelist()):
        return "The file is not an Excel workbook, although its name ends in .xlsx."
    if len(parts) > limits.UPLOAD_WORKBOOK_PARTS:
        return f"The workbook has more than {limits.UPLOAD_WORKBOOK_PARTS:,} parts."
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.UPLOAD_WORKBOOK_BYTES or any(map(_packed_too_well, parts)):
        return "The workbook is too large once unpacked. Send it as .csv."
    return None


def _packed_too_well(part: zipfile.ZipInfo) -> bool:
    return part.file_size > limits.UPLOAD_WORKBOOK_RATIO * max(part.compress_size, 1000)
