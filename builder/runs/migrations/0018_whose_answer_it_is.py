import json
import re
from uuid import UUID

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils.dateparse import parse_datetime

SUBJECT = re.compile(r"run (\S+) step (.+)")


def read_in_the_log(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whose answers those are that were given before: the audit log knows, and of several the last one counts."""
    step, answer = apps.get_model("runs", "Step"), apps.get_model("runs", "Answer")
    entries = apps.get_model("safety", "AuditEntry").objects.filter(body__contains="question.answered")
    for entry in entries.order_by("sequence").iterator(500):
        said = json.loads(entry.body)
        found = SUBJECT.fullmatch(said["subject"])
        if said["act"] != "question.answered" or not said["by"] or found is None:
            continue
        run, name = UUID(found[1]), found[2]
        if step.objects.filter(run_id=run, name=name, answer__isnull=False).exists():
            by = {"by": UUID(said["by"]["id"]), "at": parse_datetime(said["at"])}
            answer.objects.update_or_create(run_id=run, step=name, defaults=by)


class Migration(migrations.Migration):
    dependencies = [("runs", "0017_a_person_is_asked"), ("safety", "0004_rows_are_not_replaced")]

    operations = [
        migrations.CreateModel(
            "Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=200)),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="runs.run"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["by"], name="answers_by_person")],
                "constraints": [models.UniqueConstraint(fields=("run", "step"), name="one_answer_per_step")],
            },
        ),
        migrations.RunPython(read_in_the_log, migrations.RunPython.noop),
    ]
