"""One of everything that a person may own, with the ids that name it in addresses."""

from dataclasses import dataclass, field

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User
from builder.accounts.roles import Role
from builder.assets.store import open_store
from builder.gallery.load_seeds import load_seeds
from builder.gallery.models import Template
from builder.keeping.models import Erasure
from builder.leaving.export import begin_export
from builder.reviews.models import Look
from builder.workflows.read_graph import EMPTY
from runtime.ports import IMAGE
from runtime.values import Json
from tests.api.conftest import Member
from tests.api.pictures import png
from tests.fixtures.held import hold


@dataclass(frozen=True, slots=True)
class Everything:
    """Whose it is, the ids by their names in addresses, and bodies that would be valid."""

    member: Member
    ids: dict[str, str | int]
    bodies: dict[str, Json] = field(default_factory=dict)


def make_everything(member: Member) -> Everything:
    """Made through the API, as the browser does."""
    load_seeds()
    desk = _review(member)
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
        "export": str(begin_export(member.user, member.user).pk),
        "receipt": str(Erasure.objects.create(kind="run", subject="0" * 64, by=member.user).pk),
        **desk,
    }
    bodies = {
        "/api/workspaces/{workspace}/workflows": {"name": "New"},
        "/api/workspaces/{workspace}/compile": {"graph": EMPTY},
        "/api/workspaces/{workspace}/assets": {"file": png()},
        "/api/workflows/{workflow}": {"name": "Renamed"},
        "/api/workflows/{workflow}/draft": {"base_revision": 1, "graph": EMPTY},
        "/api/workflows/{workflow}/versions/{number}/share": {"title": "Mine"},
        "/api/reviews/{review}/opinions": {"decision": "block", "note": "No."},
    }
    return Everything(member, ids, bodies)


def _review(member: Member) -> dict[str, str]:
    """A review on the member's desk: of a run that somebody else started, in a workspace whose reviewer they are."""
    other = User.objects.create(username=f"{member.user.username}'s colleague")
    desk = create_workspace("Desk", other)
    Membership.objects.create(user=member.user, workspace=desk, role=Role.REVIEWER)
    ref = open_store().write(png().read(), "image/png", 8, 8)
    graph = Template.objects.get(slug="picture-from-a-prompt").graph
    review = hold(desk, other, graph, {"prompt": "a hut"}, data=ref, port_type=IMAGE)
    look = Look.objects.create(review=review, by=member.user, name=member.user.display_name)
    return {"review": str(review.pk), "look": str(look.pk)}
