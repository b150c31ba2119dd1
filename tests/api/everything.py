"""One of everything that a person may own, with the ids that name it in addresses."""

from dataclasses import dataclass, field

from builder.gallery.load_seeds import load_seeds
from builder.gallery.models import Template
from builder.workflows.read_graph import EMPTY
from runtime.values import Json
from tests.api.conftest import Member
from tests.api.pictures import png


@dataclass(frozen=True, slots=True)
class Everything:
    """Whose it is, the ids by their names in addresses, and bodies that would be valid."""

    member: Member
    ids: dict[str, str | int]
    bodies: dict[str, Json] = field(default_factory=dict)


def make_everything(member: Member) -> Everything:
    """Made through the API, as the browser does."""
    load_seeds()
    template = Template.objects.get(slug="chat-with-a-gate")
    workflow = member.workflow(graph=template.graph)
    address = f"/api/workflows/{workflow.pk}"
    version = member.client.post(f"{address}/versions", {})
    run = member.client.post(f"{address}/runs", {"inputs": {"question": "Why?"}})
    asset = member.client.post(
        f"/api/workspaces/{member.workspace.pk}/assets", {"file": png()}, format="multipart"
    )
    assert (version.status_code, run.status_code, asset.status_code) == (201, 201, 201)
    ids = {
        "workspace": str(member.workspace.pk),
        "workflow": str(workflow.pk),
        "template": str(template.pk),
        "asset": asset.json()["id"],
        "run": run.json()["id"],
        "number": 1,
        "name": "smollm2",
    }
    bodies = {
        "/api/workspaces/{workspace}/workflows": {"name": "New"},
        "/api/workspaces/{workspace}/compile": {"graph": EMPTY},
        "/api/workspaces/{workspace}/assets": {"file": png()},
        "/api/workflows/{workflow}": {"name": "Renamed"},
        "/api/workflows/{workflow}/draft": {"base_revision": 1, "graph": EMPTY},
        "/api/workflows/{workflow}/versions/{number}/share": {"title": "Mine"},
    }
    return Everything(member, ids, bodies)
