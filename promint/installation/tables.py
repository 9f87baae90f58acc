"""The tables of the database."""

from django.db import connection

MIGRATIONS = "django_migrations"
LISTS = "core_promolist"


def existing() -> list[str]:
    """The tables of Promint that the database has, in alphabetical order."""
    introspection = connection.introspection
    ours = {*introspection.django_table_names(include_views=False), MIGRATIONS}
    return sorted(ours & set(introspection.table_names()))


def has_lists() -> bool:
    if LISTS not in existing():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM core_promolist)")
        return bool(cursor.fetchone()[0])
