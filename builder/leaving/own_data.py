"""What the installation keeps of a person: what they uploaded, ran, wrote and decided. Nobody else's words or files.

What they gave, typed or answered has passed no gate, so it goes to them alone: an administrator's export of somebody
else tells of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from builder.accounts.models import Membership, User
from builder.assets.ending import ending
from builder.assets.models import Asset, Origin
from builder.gallery.models import Template
from builder.keeping.models import Read
from builder.leaving.own_answers import own_answers
from builder.reviews.desk import opinions_for
from builder.reviews.models import Look
from builder.runs.models import Purpose, Review, Run
from builder.runs.uses import addresses_in
from builder.runs.view_run import view_finding, view_run_item
from builder.safety.models import AuditEntry
from builder.workflows.models import Revision, WorkflowVersion
from runtime.values import Json

TOGETHER = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the zip: its name, and JSON or a stored file."""

    name: str
    content: Json | Asset


def entries(user: User, reader: User) -> Iterator[Entry]:
    """In an order that reads well; each is made when it is asked for. `reader` is who gets them."""
    own = user.pk == reader.pk
    yield Entry("account.json", _account(user))
    yield from _uploads(user, own)
    yield from _runs(user, own)
    yield from _documents(user)
    yield from _decisions(user, reader)
    yield Entry("reads.json", [_read(row) for row in Read.objects.filter(by=user.pk).order_by("id")])


def count(user: User) -> int:
    """How many entries there will be, about: runs may share what they delivered."""
    rows: list[QuerySet[Asset] | QuerySet[Run] | QuerySet[Revision] | QuerySet[WorkflowVersion]] = [
        Asset.objects.filter(by=user, origin=Origin.UPLOAD),
        Run.objects.filter(by=user),
        Revision.objects.filter(by=user),
        WorkflowVersion.objects.filter(by=user),
    ]
    return 5 + sum(item.count() for item in rows)


def _account(user: User) -> Json:
    rows = Membership.objects.filter(user=user).select_related("workspace")
    return {
        "id": str(user.pk),
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "language": user.language,
        "joined": user.date_joined.isoformat(),
        "last_sign_in": user.last_login.isoformat() if user.last_login else None,
        "workspaces": [{"name": row.workspace.name, "role": row.role} for row in rows],
    }


def _uploads(user: User, own: bool) -> Iterator[Entry]:
    """A list of the files for any reader, the files themselves for who brought them."""
    rows = Asset.objects.filter(by=user, origin=Origin.UPLOAD).order_by("id")
    yield Entry("uploads.json", [_described(asset) for asset in rows.iterator(TOGETHER)])
    if own:
        for asset in rows.iterator(TOGETHER):
            yield _file("uploads", asset)


def _runs(user: User, own: bool) -> Iterator[Entry]:
    """Each run with what it was given, and what it delivered. What gates withheld has passed none, here neither."""
    told: set[str] = set()
    for run in Run.objects.filter(by=user).order_by("id").iterator(TOGETHER):
        outputs = {output.name: output.value for output in run.outputs.all()}
        appeals = [_appeal(review) for review in run.reviews.filter(purpose=Purpose.APPEAL).exclude(text="")]
        yield Entry(
            f"runs/{run.pk}.json",
            {
                **view_run_item(run),
                "inputs": run.inputs if own else {},
                "outputs": outputs,
                "error": run.error,
                "findings": [view_finding(finding) for finding in run.findings.all()],
                "appeals": appeals,
            },
        )
        shown = [*outputs.values(), *(item["released"] for item in appeals)]
        ids = {item for value in shown for item in addresses_in(value)} - told
        told |= ids
        # A drawing can put any id into the data that it delivers: what was delivered as a file is an output.
        outs = Asset.objects.filter(pk__in=ids, workspace=run.workspace_id, origin=Origin.OUTPUT)
        for asset in outs.order_by("id"):
            yield _file("outputs", asset)


def _documents(user: User) -> Iterator[Entry]:
    for save in Revision.objects.filter(by=user).select_related("workflow").order_by("id").iterator(TOGETHER):
        about = {"workflow": save.workflow.name, "saved": save.saved.isoformat(), "graph": save.graph}
        yield Entry(f"workflows/{save.workflow_id}/revision-{save.number}.json", about)
    versions = WorkflowVersion.objects.filter(by=user).select_related("workflow").order_by("id")
    for version in versions.iterator(TOGETHER):
        said = {
            "workflow": version.workflow.name,
            "created": version.created.isoformat(),
            "note": version.note,
            "graph": version.graph,
        }
        yield Entry(f"workflows/{version.workflow_id}/version-{version.number}.json", said)
    templates = Template.objects.filter(by=user).order_by("id")
    shared = [{"title": t.title, "description": t.description, "graph": t.graph} for t in templates]
    yield Entry("templates.json", shared)


def _decisions(user: User, reader: User) -> Iterator[Entry]:
    parts: dict[str, Callable[[User], Json]] = {
        "opinions": lambda one: _opinions(one, reader),
        "looks": lambda one: [
            {"review": str(look.review_id), "at": look.at.isoformat()}
            for look in Look.objects.filter(by=one).order_by("at")
        ],
        "answers": lambda one: own_answers(one, one.pk == reader.pk),
        "acts": _acts,
    }
    yield Entry("decisions.json", {name: part(user) for name, part in parts.items()})


def _opinions(user: User, reader: User) -> Json:
    """An administrator may have to decide about the same: others' show as late as on the desk."""
    return [
        {
            "review": str(opinion.review_id),
            "decision": opinion.decision,
            "note": opinion.note,
            "at": opinion.at.isoformat(),
        }
        for opinion in opinions_for(reader).filter(by=user).order_by("at")
    ]


def _acts(user: User) -> Json:
    """Their lines of the audit log."""
    rows = AuditEntry.objects.filter(body__contains=str(user.pk)).order_by("sequence")
    said = (entry.said for entry in rows.iterator(TOGETHER))
    return [
        {name: item[name] for name in ("act", "at", "subject", "reason")}
        for item in said
        if item["by"] and item["by"]["id"] == str(user.pk)
    ]


def _appeal(review: Review) -> dict[str, Json]:
    return {
        "outputs": review.outputs,
        "text": review.text,
        "state": review.state,
        "released": review.released,
    }


def _read(row: Read) -> Json:
    asset = str(row.asset) if row.asset else None
    return {
        "file": asset,
        "review": str(row.review) if row.review else None,
        "run": str(row.run) if row.run else None,
        "way": row.way,
        "at": row.at.isoformat(),
    }


def _described(asset: Asset) -> Json:
    return {
        "file": str(asset.pk),
        "media_type": asset.media_type,
        "size": asset.size,
        "given": asset.created.isoformat(),
    }


def _file(folder: str, asset: Asset) -> Entry:
    return Entry(f"{folder}/{asset.pk}.{ending(asset.media_type)}", asset)
