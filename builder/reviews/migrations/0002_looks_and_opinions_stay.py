from django.db import migrations

from builder.safety.triggers import drop_triggers, free_keys, keep_keys, put_triggers

# An account that is deleted takes the name with it, and nothing else.
REFUSED = {
    "reviews_look": ("UPDATE OF id, review_id, at",),
    "reviews_opinion": ("UPDATE OF id, review_id, decision, cuts, note, at",),
}
KEYS = {"reviews_look": (("id",),), "reviews_opinion": (("id",), ("review_id", "by_id"))}


def _put(apps, editor):
    put_triggers(editor.connection, REFUSED)
    keep_keys(editor.connection, KEYS)


def _drop(apps, editor):
    free_keys(editor.connection, KEYS)
    drop_triggers(editor.connection, REFUSED)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [migrations.RunPython(_put, _drop)]
