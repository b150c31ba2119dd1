"""Workflows, drafts, revisions and versions."""

from rest_framework import serializers

from builder.api.shapes.base import Line, Shape, Text, Whole, list_of, page_of, port_type
from builder.api.shapes.graph import GraphField, GraphSerializer

MAX_DESCRIPTION = 2_000
MAX_NUMBER = 2**31 - 1


class NewWorkflowSerializer(Shape):
    """A workflow to create; without a graph it is empty."""

    name = Line(max_length=200)
    graph = GraphField(required=False)


class WorkflowChangesSerializer(Shape):
    """What to change about a workflow."""

    name = Line(max_length=200, required=False)
    description = Text(max_length=MAX_DESCRIPTION, allow_blank=True, required=False)


class WorkflowItemSerializer(Shape):
    """A workflow in a list."""

    id = serializers.UUIDField()
    name = Text()
    updated = serializers.DateTimeField()
    revision = serializers.IntegerField()
    published = serializers.IntegerField(allow_null=True)
    runs = serializers.IntegerField()


class WorkflowSerializer(Shape):
    """A workflow with its draft."""

    id = serializers.UUIDField()
    workspace = serializers.UUIDField()
    name = Text()
    description = Text(allow_blank=True)
    revision = serializers.IntegerField()
    graph = GraphSerializer()
    updated = serializers.DateTimeField()
    published = serializers.IntegerField(allow_null=True)


class DraftSerializer(Shape):
    """A draft to save: the graph, and the revision that it was made from."""

    base_revision = Whole(min_value=1, max_value=MAX_NUMBER)
    graph = GraphField()


class DraftSavedSerializer(Shape):
    """The revision that a save made."""

    revision = serializers.IntegerField()
    saved = serializers.DateTimeField()


class DraftConflictSerializer(Shape):
    """The draft that somebody else saved meanwhile."""

    revision = serializers.IntegerField()
    graph = GraphSerializer()
    saved = serializers.DateTimeField()
    by = Text(allow_null=True)


class RevisionItemSerializer(Shape):
    """One save of a draft."""

    number = serializers.IntegerField()
    saved = serializers.DateTimeField()
    by = Text(allow_null=True)


class RevisionSerializer(RevisionItemSerializer):
    """One save of a draft, with its graph."""

    graph = GraphSerializer()


class NewVersionSerializer(Shape):
    """A note about the version to publish."""

    note = Text(max_length=500, allow_blank=True, required=False)


class VersionItemSerializer(Shape):
    """A published version."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    created = serializers.DateTimeField()
    note = Text(allow_blank=True)


class DoorSerializer(Shape):
    """A port that a node has which calls this version."""

    name = Text(help_text="The node inside that it leads to.")
    type = port_type()
    title = Text()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a key of ours; the stubs think of a field's own option


class VersionSerializer(VersionItemSerializer):
    """A published version, with its graph, and with the ports of a node that calls it."""

    name = Text(help_text="What the workflow is called.")
    graph = GraphSerializer()
    inputs = DoorSerializer(many=True)
    outputs = DoorSerializer(many=True)


class CallerSerializer(Shape):
    """A workflow that calls another: in its draft, or in these versions."""

    id = serializers.UUIDField()
    name = Text()
    draft = serializers.BooleanField()
    versions = serializers.ListField(child=serializers.IntegerField())


CallerListSerializer = list_of(CallerSerializer)
WorkflowPageSerializer = page_of(WorkflowItemSerializer)
RevisionPageSerializer = page_of(RevisionItemSerializer)
VersionPageSerializer = page_of(VersionItemSerializer)
