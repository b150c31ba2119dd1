"""Place: whose policy a page is about, by the address of the page."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from builder.accounts.models import Workspace
from builder.safety.models import PolicyVersion, Shadow
from builder.safety.owner import INSTALLATION, Owner
from builder.workflows.models import Workflow

SHOWN = 200  # workflows that the choice of owners lists, the last changed first


def owner_of(request: HttpRequest) -> Owner:
    """Raises Http404 for an id that names nothing."""
    workflow, workspace = request.GET.get("workflow", ""), request.GET.get("workspace", "")
    if workflow:
        row = Workflow.objects.filter(pk=named_id(workflow)).first()
        if row is None:
            raise Http404
        return Owner(str(row.workspace_id), str(row.pk))
    if workspace:
        if not Workspace.objects.filter(pk=named_id(workspace)).exists():
            raise Http404
        return Owner(str(named_id(workspace)))
    return INSTALLATION


def link(page: str, owner: Owner, **more: object) -> str:
    """The address of a page about this owner."""
    names = {"workflow": owner.workflow} if owner.workflow else {"workspace": owner.workspace}
    given = {name: str(value) for name, value in (names | more).items() if value not in ("", None)}
    return reverse(f"admin:{page}") + (f"?{urlencode(given)}" if given else "")


def name_of(owner: Owner) -> str:
    if owner.workflow:
        return str(Workflow.objects.filter(pk=UUID(owner.workflow)).values_list("name", flat=True).first())
    if owner.workspace:
        return str(Workspace.objects.filter(pk=UUID(owner.workspace)).values_list("name", flat=True).first())
    return _("the installation")


def choices(chosen: Owner) -> list[dict[str, object]]:
    """The owners to choose from: label, address, whether it is this one."""
    owners = [(INSTALLATION, _("the installation"))]
    owners += [(Owner(str(w.pk)), w.name) for w in Workspace.objects.order_by("name")]
    workflows = Workflow.objects.alive().select_related("workspace").order_by("-updated")[:SHOWN]
    owners += [(Owner(str(w.workspace_id), str(w.pk)), f"{w.workspace} / {w.name}") for w in workflows]
    return [
        {"label": label, "link": link("policy", owner), "chosen": owner == chosen} for owner, label in owners
    ]


def owner_of_row(row: PolicyVersion | Shadow) -> str:
    """Whom a version or a shadow is for, in words; what is gone is named by its id."""
    if not row.owner:
        return str(row.get_scope_display())
    model = Workflow if row.scope == "workflow" else Workspace
    found = model.objects.filter(pk=UUID(row.owner)).values_list("name", flat=True).first()
    return f"{row.get_scope_display()}: {found or row.owner}"


def named_id(text: str) -> UUID:
    """The id that an address or a form names. Raises Http404 where it is none."""
    try:
        return UUID(text)
    except ValueError as fault:
        raise Http404 from fault
