import hashlib
import json

import django.db.models.deletion
from django.db import migrations, models


def _move(apps, editor):
    """The plan of each run into a row of its own, which runs of the same plan share."""
    Run, KeptPlan = apps.get_model("runs", "Run"), apps.get_model("runs", "KeptPlan")
    for run in Run.objects.defer("arguments", "inputs").iterator(100):
        text = json.dumps(run.drawn, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        name = hashlib.sha256(f"{run.workspace_id}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
        KeptPlan.objects.get_or_create(
            pk=name, defaults={"workspace_id": run.workspace_id, "text": text, "mac": run.mac}
        )
        Run.objects.filter(pk=run.pk).update(plan_id=name)


def _back(apps, editor):
    Run = apps.get_model("runs", "Run")
    for run in Run.objects.select_related("plan").iterator(100):
        Run.objects.filter(pk=run.pk).update(drawn=json.loads(run.plan.text), mac=run.plan.mac)


def _link(null: bool) -> models.ForeignKey:
    return models.ForeignKey(
        null=null,
        on_delete=django.db.models.deletion.RESTRICT,
        related_name="runs",
        to="runs.keptplan",
        verbose_name="plan",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("runs", "0007_findings_are_not_changed"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptPlan",
            fields=[
                (
                    "id",
                    models.CharField(editable=False, max_length=64, primary_key=True, serialize=False),
                ),
                ("text", models.TextField()),
                ("mac", models.CharField(max_length=64)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.RenameField("run", "plan", "drawn"),
        migrations.AddField("run", "plan", _link(null=True)),
        migrations.AlterField("run", "drawn", models.JSONField(default=dict)),
        migrations.AlterField("run", "mac", models.CharField(max_length=64, default="")),
        migrations.RunPython(_move, _back),
        migrations.RemoveField("run", "drawn"),
        migrations.RemoveField("run", "mac"),
        migrations.AlterField("run", "plan", _link(null=False)),
    ]
