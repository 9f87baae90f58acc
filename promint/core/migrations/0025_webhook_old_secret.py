from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0024_file_pieces'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhook',
            name='old_secret_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='webhook',
            name='sealed_old_secret',
            field=models.TextField(db_default='', default=''),
        ),
    ]
