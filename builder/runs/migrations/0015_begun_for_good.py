from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0014_warm_placement"),
    ]

    operations = [
        migrations.AddField(
            model_name="step",
            name="effect",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=10, verbose_name="effect"
            ),
        ),
    ]
