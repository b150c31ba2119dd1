# Partial runs.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0004_content_uses"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="to",
            field=models.CharField(blank=True, max_length=64, verbose_name="up to"),
        ),
    ]
