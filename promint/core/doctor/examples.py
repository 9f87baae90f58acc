"""Breaches of an invariant as sentences, a few examples of each kind."""

from collections.abc import Iterator

from django.db import connection

EXAMPLES = 20  # breaches of a kind that are read


def breaches(sentence: str, sql: str) -> Iterator[str]:
    """The sentence, filled with each row that the query finds. `sql` is a constant of core."""
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {EXAMPLES}")
        for row in cursor.fetchall():
            yield sentence.format(*row)
