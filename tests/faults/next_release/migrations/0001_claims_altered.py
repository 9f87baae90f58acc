from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0020_printed_sheets")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE core_claim ADD COLUMN remark text NOT NULL DEFAULT ''",
            "ALTER TABLE core_claim DROP COLUMN remark",
        )
    ]
