from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0011_limited_exports'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(Lower('id'), name='customer_by_lower_case'),
        ),
    ]
