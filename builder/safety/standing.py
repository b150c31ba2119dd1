"""standing: which policies and shadows stand for an owner at this moment, as a key that changes when they do."""

from typing import TypeAlias

from django.db import connection

from builder.safety.models import PolicyVersion, Shadow
from builder.safety.owner import Owner
from runtime.safety.policy import default_policy

# (kind, scope, owner, version or shadow's id), sorted; last the built-in policy's digest.
Standing: TypeAlias = tuple[tuple[str, ...], ...]


def standing(owner: Owner) -> Standing:
    """Everything of which `active_policy` and `running_shadows` make their answers, without their answers.

    One statement, because it is asked before every run.
    """
    layers = [(layer.scope.value, layer.key) for layer in owner.layers()]
    named = " OR ".join(["(scope = %s AND owner = %s)"] * len(layers))
    ids = "CAST(id AS TEXT)" if connection.vendor == "postgresql" else "id"
    asked = (
        f"SELECT 'policy', scope, owner, CAST(MAX(version) AS TEXT) FROM {PolicyVersion._meta.db_table} "  # noqa: S608 - names of ours, and a mark for each value
        f"WHERE {named} GROUP BY scope, owner UNION ALL "
        f"SELECT 'shadow', scope, owner, {ids} FROM {Shadow._meta.db_table} WHERE ended IS NULL AND ({named})"
    )
    values = [part for layer in layers for part in layer]
    with connection.cursor() as cursor:
        cursor.execute(asked, [*values, *values])
        return (*sorted(cursor.fetchall()), (default_policy().digest,))
