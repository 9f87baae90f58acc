import django.utils.timezone
from django.db import migrations, models

import promint.core.storage.fields


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0023_request_ids'),
    ]

    operations = [
        migrations.CreateModel(
            name='FilePiece',
            fields=[
                ('pk', models.CompositePrimaryKey('name', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('name', promint.core.storage.fields.KeyText(max_length=100)),
                ('number', models.PositiveIntegerField()),
                ('size', models.BigIntegerField()),
                ('content', models.BinaryField()),
                ('stored_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
    ]
