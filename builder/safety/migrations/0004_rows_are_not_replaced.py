from django.db import migrations

from builder.safety.triggers import drop_triggers, free_keys, keep_keys, put_triggers

# Postgres empties a table without asking the triggers of DELETE.
REFUSED = {"safety_auditentry": ("TRUNCATE",), "safety_shadowfinding": ("UPDATE",)}
KEYS = {
    "safety_auditentry": (("sequence",),),
    "safety_policyversion": (("version",),),
    "safety_shadowfinding": (("id",),),
}


def _put(apps, editor):
    put_triggers(editor.connection, REFUSED)
    keep_keys(editor.connection, KEYS)


def _drop(apps, editor):
    free_keys(editor.connection, KEYS)
    drop_triggers(editor.connection, REFUSED)


class Migration(migrations.Migration):
    dependencies = [("safety", "0003_owners_shadows")]

    operations = [migrations.RunPython(_put, _drop)]
