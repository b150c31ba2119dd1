"""What a graph compiles to, as people look at it."""

from rest_framework import serializers

from builder.api.shapes.base import ACTIONS, AnyJson, IssueSerializer, Shape, Text, WordsSerializer, port_type
from builder.api.shapes.graph import GraphField, node_id
from runtime.labels import Sink, Source

SINKS = [sink.value for sink in Sink]
SOURCES = [source.value for source in Source]


class CompileSerializer(Shape):
    """A graph to compile."""

    graph = GraphField()
    workflow = serializers.UUIDField(required=False, help_text="Whose policy; without it, the workspace's.")
    to = node_id(allow_null=True, required=False, help_text="The node at which a partial run would end.")


class PolicyRefSerializer(Shape):
    """The policy that decided the gates."""

    version = serializers.IntegerField()
    digest = Text()


class ArgumentSerializer(Shape):
    """A value that a run is started with."""

    name = Text()
    type = port_type()
    title = Text(allow_blank=True)
    node = Text()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a key of ours; the stubs think of a field's own option
    default = AnyJson()
    multiline = serializers.BooleanField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)


class PromisedOutputSerializer(Shape):
    """A value that a run gives back."""

    name = Text()
    type = port_type()
    title = Text(allow_blank=True)
    node = Text()


class PlanStepSerializer(Shape):
    """One node's part in a run."""

    id = Text()
    type = Text()
    title = WordsSerializer()
    node = Text(allow_null=True)
    segment = serializers.IntegerField()
    resource = Text()


class GateRuleSerializer(Shape):
    """A rule of the policy that asks for the gate, and its reason."""

    id = Text()
    title = WordsSerializer()
    reason = WordsSerializer()


class GateFilterSerializer(Shape):
    """A filter of the gate's chain, and what a match leads to."""

    id = Text()
    title = WordsSerializer()
    action = serializers.ChoiceField(choices=ACTIONS)
    cost = serializers.FloatField(
        help_text="Milliseconds for a KB of text, a picture of 512 x 512 pixels, or half a minute of sound."
    )


class PlanPortSerializer(Shape):
    """One port of one node of the graph, or of a gate."""

    node = Text()
    port = Text()


class GateSerializer(Shape):
    """A gate that the server inserts on the way from its sources to its targets."""

    id = Text()
    rules = GateRuleSerializer(many=True)
    sink = serializers.ChoiceField(choices=SINKS)
    origins = serializers.ListField(
        child=serializers.ChoiceField(choices=SOURCES), help_text="Whose bytes make the gate necessary."
    )
    media = Text()
    filters = GateFilterSerializer(many=True)
    sources = PlanPortSerializer(many=True)
    targets = PlanPortSerializer(many=True)


class PlanViewSerializer(Shape):
    """The plan: inputs, outputs, steps and gates."""

    policy = PolicyRefSerializer()
    inputs = ArgumentSerializer(many=True)
    outputs = PromisedOutputSerializer(many=True)
    steps = PlanStepSerializer(many=True)
    gates = GateSerializer(many=True)


class CompiledSerializer(Shape):
    """A plan, or every issue that stands in its way. Warnings may come with a plan."""

    issues = IssueSerializer(many=True)
    plan = PlanViewSerializer(allow_null=True)
