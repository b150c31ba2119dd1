"""An asset keeps which rules have passed exactly its bytes, each with the policy and the filters of that moment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="asset", name="clearances", field=models.JSONField(default=list, editable=False)
        ),
    ]
