"""Writes down what a shadow saw: how many values it looked at, and what its policy would have acted on."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, F, Max

from builder.safety.models import Shadow, ShadowFinding
from runtime.values import Json


def count_look(shadow: str, judged: bool) -> None:
    """One more value that a gate of the shadow looked at, whether or not its filters could judge it."""
    Shadow.objects.filter(pk=shadow).update(looked=F("looked") + 1, failed=F("failed") + int(not judged))


def record_shadow_finding(shadow: str, run: UUID, rules: Sequence[str], found: dict[str, Json]) -> None:
    """`rules` are those of the gate; the first of them that asks for the filter is the one that is told."""
    row = Shadow.objects.filter(pk=shadow).first()
    if row is None:
        return  # deleted while runs that it had been cast on were still under way
    asking = [
        rule.id
        for rule in row.policy.rules
        if rule.id in rules and found["filter"] in {use.filter for use in rule.chain}
    ]
    ShadowFinding.objects.create(shadow=row, run=run, rule=(*asking, *rules)[0], **found)


def counted_findings(shadow: Shadow, most: int = 100) -> list[dict[str, Json]]:
    """What the shadow would have acted on: counted, in how many runs, and when last; the most frequent first."""
    counted = shadow.findings.order_by().values("rule", "filter", "action", "category")
    rows = counted.annotate(count=Count("id"), runs=Count("run", distinct=True), last=Max("at"))
    return [dict(row) for row in rows.order_by("-count", "rule", "filter", "category")[:most]]
