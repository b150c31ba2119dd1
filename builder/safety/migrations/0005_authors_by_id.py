"""Who made a policy or a shadow, by id: a name could never leave a row that is never changed.

Rows of before get the id that their line of the audit log has, and lose the name. A row without a line keeps it.
"""

import json

from django.db import migrations, models

from builder.safety.triggers import drop_triggers, put_triggers

REFUSED = {"safety_policyversion": ("UPDATE",)}
# The act that made the rows, and what its line calls them by.
ACTS = {"PolicyVersion": ("policy.changed", "version"), "Shadow": ("shadow.started", "shadow")}


def _by_id(apps, editor):
    drop_triggers(editor.connection, REFUSED)
    entries = apps.get_model("safety", "AuditEntry").objects.using(editor.connection.alias)
    for name, (act, key) in ACTS.items():
        rows = apps.get_model("safety", name).objects.using(editor.connection.alias).exclude(author="")
        if not rows.exists():
            continue
        # Every body begins with its act: keys are sorted.
        bodies = entries.filter(body__startswith=f'{{"act":"{act}"').values_list("body", flat=True)
        for body in bodies.iterator():
            said = json.loads(body)
            if said["by"] and key in said["data"]:
                rows.filter(pk=said["data"][key]).update(by=said["by"]["id"], author="")
    put_triggers(editor.connection, REFUSED)


class Migration(migrations.Migration):
    dependencies = [("safety", "0004_rows_are_not_replaced")]

    operations = [
        migrations.AddField("policyversion", "by", models.UUIDField(null=True)),
        migrations.AddField("shadow", "by", models.UUIDField(null=True)),
        migrations.RunPython(_by_id, migrations.RunPython.noop),
    ]
