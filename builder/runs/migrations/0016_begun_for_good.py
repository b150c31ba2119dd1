from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0015_states_follow"),
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
