"""The graph: what the browser draws and sends. `runtime.graph.parse` is the law; this describes it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from builder.api.shapes.base import AnyJson, Shape, Text
from runtime.graph.model import MAX_EDGES, MAX_NODES
from runtime.graph.parse import LONGEST_WAIT, MOST_TRIES
from runtime.graph.upgrade import NEWEST
from runtime.values import Json

GRAPH_ID = r"^[A-Za-z0-9_-]{1,64}$"


def node_id(**options: Any) -> serializers.RegexField:
    """A field with the id of a node."""
    return serializers.RegexField(GRAPH_ID, **options)


class PortRefSerializer(Shape):
    """One port of one node."""

    node = serializers.RegexField(GRAPH_ID)
    port = serializers.RegexField(GRAPH_ID)


class PositionSerializer(Shape):
    """Where a node stands on the canvas."""

    x = serializers.FloatField(min_value=-1e7, max_value=1e7)
    y = serializers.FloatField(min_value=-1e7, max_value=1e7)


class OnErrorSerializer(Shape):
    """What happens when a node fails: the run fails, it gives these values by port, or a text at the port `error`."""

    do = serializers.ChoiceField(choices=["fail", "default", "branch"])
    values = serializers.DictField(child=AnyJson(), required=False)
    text = Text(required=False, allow_blank=True, help_text="`{{code}}` becomes the code of the failure.")


class RetrySerializer(Shape):
    """How often a node is tried again, and after how many seconds: each wait is twice the one before, `longest` at most."""

    times = serializers.IntegerField(min_value=0, max_value=MOST_TRIES)
    wait = serializers.FloatField(min_value=1, max_value=LONGEST_WAIT)
    longest = serializers.FloatField(min_value=1, max_value=LONGEST_WAIT)


class GraphNodeSerializer(Shape):
    """A placed node."""

    id = serializers.RegexField(GRAPH_ID)
    type = Text(max_length=80)
    version = serializers.IntegerField(min_value=1, max_value=1_000_000)
    title = Text(required=False, allow_blank=True, max_length=200)
    params = serializers.DictField(child=AnyJson())
    position = PositionSerializer(required=False)
    on_error = OnErrorSerializer(required=False, help_text="From format 2 on.")
    retry = RetrySerializer(required=False, help_text="From format 3 on.")


class GraphEdgeSerializer(Shape):
    """What joins two ports."""

    id = serializers.RegexField(GRAPH_ID)
    source = PortRefSerializer()  # type: ignore[assignment]  # a key of ours; the stubs think of a field's own option
    target = PortRefSerializer()


class GraphSerializer(Shape):
    """Nodes and edges; a draft may be incomplete."""

    format = serializers.IntegerField(min_value=1, max_value=NEWEST)
    nodes = serializers.ListField(child=GraphNodeSerializer(), max_length=MAX_NODES)
    edges = serializers.ListField(child=GraphEdgeSerializer(), max_length=MAX_EDGES)


@extend_schema_field(GraphSerializer)
class GraphField(serializers.Field[Any, Any, Any, Any]):
    """A graph as it was sent: `read_graph` says everything that is wrong with it, at once."""

    def to_internal_value(self, data: Json) -> Json:
        return data

    def to_representation(self, value: Json) -> Json:
        return value
