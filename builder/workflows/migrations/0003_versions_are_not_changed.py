from django.db import migrations

from builder.safety.triggers import drop_triggers, free_keys, keep_keys, put_triggers

# Who published it may be deleted: all but their account stays.
REFUSED = {
    "workflows_workflowversion": (
        "UPDATE OF id, workflow_id, number, graph, plan_digest, policy_version, note, created",
    )
}
KEYS = {"workflows_workflowversion": (("id",), ("workflow_id", "number"))}


def _put(apps, editor):
    put_triggers(editor.connection, REFUSED)
    keep_keys(editor.connection, KEYS)


def _drop(apps, editor):
    free_keys(editor.connection, KEYS)
    drop_triggers(editor.connection, REFUSED)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0002_copied")]

    operations = [migrations.RunPython(_put, _drop)]
