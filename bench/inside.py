"""Runs one function of bench.in_database in a process of its own, on the benchmark's database."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from bench import in_database

    function, arguments = sys.argv[1:]
    print(json.dumps(getattr(in_database, function)(*json.loads(arguments))))


if __name__ == "__main__":
    main()
