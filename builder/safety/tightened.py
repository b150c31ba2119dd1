"""tightened: whether the policy in force asks for more, somewhere, than the version that something is pinned to."""

from collections.abc import Collection

from django.conf import settings
from django.db.models import Max, Q

from builder.safety.active_policy import active_version, made_from, name_of, ranked
from builder.safety.models import PolicyVersion, Scope
from builder.safety.owner import Owner
from runtime.safety.combine import weaker
from runtime.safety.policy import default_policy


def tightened(owner: Owner, called: Collection[str], pinned: int) -> list[str]:
    """What it asks more for: ids of rules, `previews`, `labelling`. Empty while nothing has been made stricter.

    One look-up, by the index `policies_in_force`, as long as nothing has changed at all.
    """
    parts = {(layer.scope.value, layer.key) for layer in owner.layers()}
    parts |= {(Scope.WORKFLOW.value, workflow) for workflow in called}
    ours = Q()
    for scope, key in parts:
        ours |= Q(scope=scope, owner=key)
    newest = (
        PolicyVersion.objects.filter(ours).order_by().values("scope", "owner").annotate(newest=Max("version"))
    )
    wanted = Q(version__in=newest.values("newest")) | Q(version=pinned)
    rows = {row.version: row for row in PolicyVersion.objects.filter(wanted).defer("data")}
    row = rows[pinned]
    layers = _newest(rows.values(), parts)
    in_force = ranked(layers, owner)
    if settings.LIMITED:
        # A worker that may put nothing in force asks what is, whatever is built into its own edition.
        return (
            []
            if name_of(in_force) == (row.made_of or str(pinned))
            else weaker(made_from(in_force), row.policy)
        )
    if name_of(in_force) == (row.made_of or str(pinned)) and _is_ours(layers):
        return []
    return weaker(active_version(owner, called).policy, row.policy)


def _newest(rows: Collection[PolicyVersion], parts: Collection[tuple[str, str]]) -> list[PolicyVersion]:
    """Of each part the newest. The pinned version may be an older one of the same."""
    found: dict[tuple[str, str], PolicyVersion] = {}
    for row in sorted(rows, key=lambda item: item.version):
        if (row.scope, row.owner) in parts:
            found[row.scope, row.owner] = row
    return list(found.values())


def _is_ours(layers: Collection[PolicyVersion]) -> bool:
    """Whether no newer built-in policy waits to come into force, which happens when somebody looks."""
    floor = next((row for row in layers if row.scope == Scope.INSTALLATION.value), None)
    return floor is not None and floor.shipped in ("", default_policy().digest)
