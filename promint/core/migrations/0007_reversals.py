"""Claims, ledger entries and issued offers get a round in their keys; reversals get their table.

Written by hand: Django does not change a key of several columns. The release before this one goes
on working: what it inserts is of round 0.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import promint.core.storage.fields

KEYS = {
    "claim": ("code", "customer", "round"),
    "pointsentry": ("customer", "code", "round", "reversal"),
    "issuedoffer": ("customer", "code", "offer_id", "round"),
}
COLUMNS = {
    "claim": "ADD COLUMN round smallint NOT NULL DEFAULT 0 CHECK (round >= 0)",
    "pointsentry": "ADD COLUMN round smallint NOT NULL DEFAULT 0 CHECK (round >= 0),"
    " ADD COLUMN reversal boolean NOT NULL DEFAULT false",
    "issuedoffer": "ADD COLUMN round smallint NOT NULL DEFAULT 0 CHECK (round >= 0),"
    " ADD COLUMN withdrawn_at timestamptz NULL",
}


def widen_keys(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for name, key in KEYS.items():
        if editor.connection.vendor == "postgresql":
            _alter(editor, name, key)
        else:
            _rebuild(editor, apps.get_model("core", name))


def _alter(editor: BaseDatabaseSchemaEditor, name: str, key: tuple[str, ...]) -> None:
    table = f"core_{name}"
    editor.execute(f"ALTER TABLE {table} {COLUMNS[name]}")
    with editor.connection.cursor() as cursor:
        found = editor.connection.introspection.get_constraints(cursor, table)
    (old,) = (constraint for constraint, facts in found.items() if facts["primary_key"])
    columns = ", ".join(key)
    editor.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT {editor.quote_name(old)},"
        f" ADD CONSTRAINT {editor.quote_name(old)} PRIMARY KEY ({columns})"
    )
    if name == "claim":
        editor.execute("DROP INDEX claim_once")
        editor.execute("CREATE UNIQUE INDEX claim_once ON core_claim (code, round) WHERE single_use")


def _rebuild(editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    """SQLite keeps the names of a table's indexes when the table gets another name."""
    table = model._meta.db_table
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = %s"
            " AND sql IS NOT NULL",
            [table],
        )
        for (index,) in cursor.fetchall():
            editor.execute(f"DROP INDEX {editor.quote_name(index)}")
        cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")  # noqa: S608
        columns = ", ".join(editor.quote_name(name) for (name,) in cursor.fetchall())
    editor.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    editor.create_model(model)
    editor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_before")  # noqa: S608
    editor.execute(f"DROP TABLE {table}_before")


def _round() -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(db_default=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0006_answers_of_all_posts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("claim", "claim_once"),
                migrations.AddField("claim", "round", _round()),
                migrations.AddField("pointsentry", "round", _round()),
                migrations.AddField("pointsentry", "reversal", models.BooleanField(db_default=False)),
                migrations.AddField("issuedoffer", "round", _round()),
                migrations.AddField("issuedoffer", "withdrawn_at", models.DateTimeField(null=True)),
                migrations.AlterField(
                    "claim",
                    "pk",
                    models.CompositePrimaryKey(
                        "code_id",
                        "customer",
                        "round",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                migrations.AlterField(
                    "pointsentry",
                    "pk",
                    models.CompositePrimaryKey(
                        "customer",
                        "code",
                        "round",
                        "reversal",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                migrations.AlterField(
                    "issuedoffer",
                    "pk",
                    models.CompositePrimaryKey(
                        "customer",
                        "code",
                        "offer_id",
                        "round",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                migrations.AddConstraint(
                    "claim",
                    models.UniqueConstraint(
                        condition=models.Q(("single_use", True)),
                        fields=("code", "round"),
                        name="claim_once",
                    ),
                ),
            ],
        ),
        migrations.RunPython(widen_keys, elidable=False),
        migrations.CreateModel(
            name="Reversal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "code",
                        "customer",
                        "round",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code", promint.core.storage.fields.KeyText(max_length=64)),
                ("customer", promint.core.storage.fields.KeyText(max_length=255)),
                ("round", models.PositiveSmallIntegerField()),
                ("available_again", models.BooleanField()),
                ("points", models.BigIntegerField()),
                ("offers", models.JSONField(default=list)),
                ("tags", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("actor", models.CharField(max_length=300)),
                ("reversed_at", models.DateTimeField()),
                (
                    "list",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="core.promolist",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "reversed_at"], name="reversal_by_customer")
                ]
            },
        ),
    ]
