from django.db import migrations

from builder.safety.triggers import drop_triggers, free_keys, keep_keys, put_triggers

REFUSED: dict[str, tuple[str, ...]] = {}
KEYS = {"keeping_read": (("id",),)}


def _put(apps, editor):
    put_triggers(editor.connection, REFUSED)
    keep_keys(editor.connection, KEYS)


def _drop(apps, editor):
    free_keys(editor.connection, KEYS)
    drop_triggers(editor.connection, REFUSED)


class Migration(migrations.Migration):
    dependencies = [("keeping", "0001_keeping")]

    operations = [migrations.RunPython(_put, _drop)]
