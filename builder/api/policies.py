"""Policies of a workspace and of its workflows: members read what holds, an owner drafts, tries and publishes."""

from dataclasses import replace
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.models import User
from builder.api.checked import checked
from builder.api.people import is_owner, require_owner, workflow_in, workspace_of
from builder.api.policy_views import (
    describe_draft,
    describe_item,
    describe_preview,
    describe_shadow,
    describe_version,
)
from builder.api.shapes.policies import (
    PolicyDraftSerializer,
    PolicyPreviewSerializer,
    PolicyShadowSerializer,
    PolicyStateSerializer,
    PolicyVersionItemSerializer,
    PolicyVersionPageSerializer,
    PolicyVersionSerializer,
    PutPolicyInForceSerializer,
    SavePolicyDraftSerializer,
    policy_of,
)
from builder.common.errors import Refused, not_found
from builder.common.pagination import page
from builder.safety.active_policy import active_version, own_version
from builder.safety.edit_draft import discard_draft, draft_of, edit_draft, starting_point
from builder.safety.models import PolicyVersion, Proposal
from builder.safety.owner import Owner
from builder.safety.publish_draft import publish_draft, try_draft
from builder.safety.try_policy import end_shadow, shadows_of
from builder.workflows.preview_policy import preview_policy
from runtime.words import Words

AT_ONCE = 50  # workflows that one answer of a preview is about: a person waits for it
WHOSE = OpenApiParameter(
    "workflow", OpenApiTypes.UUID, description="Of this workflow; without it, of the workspace."
)
START = OpenApiParameter(
    "start", OpenApiTypes.INT, description="The number of the first workflow to look at."
)


class PolicyView(APIView):
    """The policy of a workspace, or of one of its workflows."""

    @extend_schema(operation_id="read_policy", parameters=[WHOSE], responses=PolicyStateSerializer)
    def get(self, request: Request, workspace: UUID) -> Response:
        """What holds, the floor under it, and its own; to an owner also the draft and the shadow."""
        home = workspace_of(request, workspace)
        owner, mine = _whose(request, workspace), is_owner(request, home)
        assert owner.above is not None
        own, draft = own_version(owner), draft_of(owner)
        shadow = shadows_of(owner).first()
        return Response(
            {
                "scope": owner.scope.value,
                "may_change": mine,
                "in_force": describe_version(active_version(owner), told=False),
                "floor": describe_version(active_version(owner.above), told=False),
                "own": describe_version(own) if own else None,
                "draft": describe_draft(draft, owner) if draft and mine else None,
                "shadow": describe_shadow(shadow, draft) if shadow and mine else None,
            }
        )


class PolicyDraftView(APIView):
    """What an owner is about to make of a policy."""

    @extend_schema(
        operation_id="save_policy_draft",
        parameters=[WHOSE],
        request=SavePolicyDraftSerializer,
        responses={200: PolicyDraftSerializer},
    )
    def put(self, request: Request, workspace: UUID) -> Response:
        """Keep a draft, with what is wrong about it. 409 when somebody else has changed it meanwhile."""
        owner, user = _to_change(request, workspace)
        given = checked(SavePolicyDraftSerializer, request)
        wanted = policy_of(given["policy"], version=0)
        draft = edit_draft(
            owner,
            user,
            lambda kept: replace(wanted, version=kept.version),
            given["seen"],
            given.get("base"),
        )
        return Response(describe_draft(draft, owner))

    @extend_schema(
        operation_id="discard_policy_draft",
        parameters=[WHOSE, OpenApiParameter("seen", OpenApiTypes.STR, description="Only this draft.")],
        responses={204: None},
    )
    def delete(self, request: Request, workspace: UUID) -> Response:
        """Let the draft go; what is in force stays."""
        owner, _ = _to_change(request, workspace)
        discard_draft(owner, request.query_params.get("seen"))
        return Response(status=204)


class PolicyPreviewView(APIView):
    """What the draft would do."""

    @extend_schema(
        operation_id="preview_policy", parameters=[WHOSE, START], responses=PolicyPreviewSerializer
    )
    def get(self, request: Request, workspace: UUID) -> Response:
        """Each published workflow, compiled under the draft and without it."""
        owner, _ = _to_change(request, workspace)
        draft = draft_of(owner)
        policy = draft.policy if draft else starting_point(owner)[1]
        preview = preview_policy(owner, policy, _start(request), AT_ONCE)
        return Response(describe_preview(preview, policy.digest if draft else ""))


class PolicyVersionsView(APIView):
    """What has been in force."""

    @extend_schema(
        operation_id="list_policy_versions", parameters=[WHOSE], responses=PolicyVersionPageSerializer
    )
    def get(self, request: Request, workspace: UUID) -> Response:
        """The versions that were published for it, newest first."""
        owner = _whose(request, workspace)
        rows = PolicyVersion.objects.filter(scope=owner.scope.value, owner=owner.key).defer("data")
        return page(request, rows, describe_item, order="-version")

    @extend_schema(
        operation_id="publish_policy",
        parameters=[WHOSE],
        request=PutPolicyInForceSerializer,
        responses={201: PolicyVersionItemSerializer},
    )
    def post(self, request: Request, workspace: UUID) -> Response:
        """Put the draft in force. Refused below the floor, with the names of the rules."""
        owner, user = _to_change(request, workspace)
        given = checked(PutPolicyInForceSerializer, request)
        made = publish_draft(owner, user, given["reason"], given["seen"])
        assert not isinstance(made, Proposal)  # only the installation's floor is proposed
        return Response(describe_item(made), status=201)


class PolicyVersionView(APIView):
    """One version."""

    @extend_schema(operation_id="read_policy_version", parameters=[WHOSE], responses=PolicyVersionSerializer)
    def get(self, request: Request, workspace: UUID, number: int) -> Response:
        """A version with its rules: its own, or one of a floor under it."""
        owner = _whose(request, workspace)
        found = PolicyVersion.objects.filter(version=number).first()
        layers = [(layer.scope.value, layer.key) for layer in owner.layers()]
        if found is None or (found.scope, found.owner) not in layers:
            raise not_found()
        return Response(describe_version(found, told=(found.scope, found.owner) == layers[-1]))


class PolicyShadowView(APIView):
    """Trying the draft beside what is in force."""

    @extend_schema(
        operation_id="start_policy_shadow",
        parameters=[WHOSE],
        request=PutPolicyInForceSerializer,
        responses={201: PolicyShadowSerializer},
    )
    def post(self, request: Request, workspace: UUID) -> Response:
        """Let the draft look at every run from now on. It withholds nothing and clears nothing."""
        owner, user = _to_change(request, workspace)
        given = checked(PutPolicyInForceSerializer, request)
        made = try_draft(owner, user, given["reason"], given["seen"])
        return Response(describe_shadow(made, draft_of(owner)), status=201)

    @extend_schema(operation_id="end_policy_shadow", parameters=[WHOSE], responses={204: None})
    def delete(self, request: Request, workspace: UUID) -> Response:
        """End it; what it has counted stays to be read."""
        owner, user = _to_change(request, workspace)
        for running in shadows_of(owner).filter(ended=None):
            end_shadow(running, user)
        return Response(status=204)


def _to_change(request: Request, workspace: UUID) -> tuple[Owner, User]:
    """Whose policy is to be changed, and by whom. Raises Refused 404 as `_whose`, and `owners_only`."""
    owner = _whose(request, workspace)
    return owner, require_owner(request, workspace_of(request, workspace))


def _whose(request: Request, workspace: UUID) -> Owner:
    """Whose policy the address is about. Raises Refused 404 for what is not there or belongs to others."""
    home = workspace_of(request, workspace)
    named = request.query_params.get("workflow")
    if named is None:
        return Owner(str(home.pk))
    try:
        workflow = workflow_in(request, home, UUID(named))
    except ValueError:
        raise not_found() from None
    assert workflow is not None
    return Owner(str(home.pk), str(workflow.pk))


def _start(request: Request) -> int:
    text = request.query_params.get("start", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(
            "invalid",
            Words("`start` is not a number of a workflow.", "`start` 不是有效的工作流序号。"),
            Words("Begin with 0.", "请从 0 开始。"),
        )
    return int(text)
