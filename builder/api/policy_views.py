"""Policies, drafts, previews and shadows as the API tells them."""

from builder.safety.change_policy import faults_of
from builder.safety.edit_draft import starting_point
from builder.safety.models import PolicyDraft, PolicyVersion, Shadow
from builder.safety.owner import Owner
from builder.safety.record_shadow import counted_findings
from builder.workflows.preview_policy import Effect, Preview
from runtime.safety.policy import Policy
from runtime.values import Json


def describe_item(row: PolicyVersion, told: bool = True) -> dict[str, Json]:
    """`told`: with who made it and why, which is for its own people alone."""
    return {
        "version": row.version,
        "author": row.author_name if told else "",
        "reason": row.reason if told else "",
        "created": row.created.isoformat(),
    }


def describe_version(row: PolicyVersion, told: bool = True) -> dict[str, Json]:
    return describe_item(row, told) | {"policy": describe_policy(row.policy)}


def describe_policy(policy: Policy) -> dict[str, Json]:
    said = policy.to_json()
    return {
        "previews": said["previews"],
        "labelling": policy.labelling.to_json(),
        "rules": said["rules"],
    }


def describe_draft(draft: PolicyDraft, owner: Owner) -> dict[str, Json]:
    policy = draft.policy
    return {
        "seen": policy.digest,
        "base": draft.base,
        "moved": draft.base != starting_point(owner)[0],
        "by": draft.by.display_name if draft.by else None,
        "updated": draft.updated.isoformat(),
        "policy": describe_policy(policy),
        "faults": [
            {"rule": fault.rule, "code": fault.code, "message": fault.message.to_json()}
            for fault in faults_of(owner, policy)
        ],
    }


def describe_shadow(shadow: Shadow, draft: PolicyDraft | None) -> dict[str, Json]:
    return {
        "id": str(shadow.pk),
        "started": shadow.started.isoformat(),
        "ended": shadow.ended.isoformat() if shadow.ended else None,
        "author": shadow.author_name,
        "reason": shadow.reason,
        "looked": shadow.looked,
        "failed": shadow.failed,
        "differs": draft is not None and draft.policy.digest != shadow.digest,
        "findings": [row | {"last": row["last"].isoformat()} for row in counted_findings(shadow)],
    }


def describe_preview(preview: Preview, seen: str) -> dict[str, Json]:
    end = preview.start + len(preview.effects)
    return {
        "seen": seen,
        "start": preview.start,
        "looked": len(preview.effects),
        "total": preview.total,
        "next": end if preview.effects and end < preview.total else None,
        "counts": {
            "gains": preview.count(lambda item: item.gains),
            "loses": preview.count(lambda item: item.loses),
            "changes": preview.count(lambda item: item.changes),
            "labels": preview.count(lambda item: item.labels),
            "previews": preview.count(lambda item: item.previews),
            "stops": preview.count(lambda item: item.stops),
            "needs": preview.count(lambda item: item.needs),
            "withholds": preview.count(lambda item: item.withholds),
            "mends": preview.count(lambda item: item.mends),
            "broken": preview.count(lambda item: item.broken and not item.mends),
            "stays": preview.count(lambda item: item.stays and not item.broken),
        },
        "effects": [_effect(item) for item in preview.effects if item.broken or not item.stays],
    }


def _effect(effect: Effect) -> dict[str, Json]:
    return {
        "workflow": str(effect.workflow),
        "name": effect.name,
        "version": effect.version,
        "gains": effect.gains,
        "loses": effect.loses,
        "changes": effect.changes,
        "labels": effect.labels,
        "previews": effect.previews,
        "stops": [issue.to_json() for issue in effect.stops],
        "needs": [issue.to_json() for issue in effect.needs],
        "withholds": [issue.to_json() for issue in effect.withholds],
        "broken": effect.broken,
        "mends": effect.mends,
    }
