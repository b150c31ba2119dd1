from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0016_states_follow")]

    operations = [
        migrations.AddField("step", "question", models.JSONField(editable=False, null=True)),
        migrations.AddField("step", "answer", models.JSONField(editable=False, null=True)),
    ]
