"""The process that reads one upload: python -m promint.worker.upload_process SOURCE OUT.

The file comes from anywhere, so what reads it has no database, little memory and little time. It
says on its standard output, as JSON, how many rows there are, or why the file cannot be read.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from promint.core.rules import limits
from promint.worker.parent import end_with_parent


def main(source: Path, out: Path) -> dict[str, Any]:
    from promint.core import failpoints
    from promint.core.reading import rows as upload_rows
    from promint.core.reading import sorting

    try:
        sheets = upload_rows.sheet_names(source)
        with open(out, "xb") as file:
            rows = sorting.sort(source, file)
        failpoints.reach("uploads.sorted")
        return {"rows": rows, "sheets": sheets}
    except upload_rows.Unreadable as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "Reading the file takes too much memory. Send the codes as .csv."}


def limit() -> None:
    """No core dump, since it would hold codes; and nobody else may read what is written."""
    seconds, size = limits.UPLOAD_READER_SECONDS, limits.UPLOAD_READER_BYTES
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 10))  # SIGXCPU, then SIGKILL
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    os.umask(0o077)


if __name__ == "__main__":
    end_with_parent()
    limit()
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
