from django.db import migrations

from builder.runs.guard_states import drop_guards, put_guards


class Migration(migrations.Migration):
    dependencies = [("runs", "0015_begun_for_good")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: put_guards(editor.connection),
            lambda apps, editor: drop_guards(editor.connection),
        )
    ]
