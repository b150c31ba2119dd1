from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0013_segments_that_share"),
    ]

    operations = [
        migrations.AddField(
            model_name="step",
            name="effect",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="effect"),
        ),
    ]
