"""Files of all kinds: no row is lost, no code is made that nobody wrote, and nothing crashes.

`python -m tests.unit.reading.test_made_files 10000` tries this many files and says which seeds
fail.
"""

import random
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from promint.core.reading.process import look, sort_rows
from promint.core.reading.sorting import read_lines
from tests.made_files import Made, Read, faults, make
from tests.unit.reading.reading import AS_IT_IS

TRIED = 600
AT_ONCE = 60


def read(made: Made) -> Read | None:
    """How the file was read; None if a person must say which column or sheet is meant."""
    with TemporaryDirectory() as directory:
        file, out = Path(directory, made.name), Path(directory, "rows")
        file.write_bytes(made.content)
        found = look(file, AS_IT_IS)
        if "needed" in found:
            return None
        sort_rows(file, out, {"plan": found["plan"], "unlike": False})
        with out.open(encoding="utf-8", newline="\n") as lines:
            rows = [(row.sheet, row.number, row.value) for row in read_lines(lines)]
    return Read({table["sheet"] for table in found["plan"]["tables"]}, rows)


@pytest.mark.parametrize("begin", range(0, TRIED, AT_ONCE))
def test_every_row_of_a_made_file_ends_as_its_code_or_is_reported(begin: int) -> None:
    decided = 0
    for seed in range(begin, begin + AT_ONCE):
        made = make(random.Random(seed))
        found = read(made)
        decided += found is not None
        assert faults(made, found) == [], f"seed {seed}"
    assert decided > AT_ONCE / 2, "asking a person is no way out"


def main(count: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(count):
        made = make(random.Random(seed))
        found = read(made)
        seen["asks a person" if found is None else "read"] += 1
        if wrong := faults(made, found):
            seen["wrong"] += 1
            print(f"seed {seed}, {made.name}: {wrong[0]}")
    print(dict(seen))


if __name__ == "__main__":
    main(int(sys.argv[1]))
