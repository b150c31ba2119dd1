"""The palette: every node type as the browser needs to know it."""

from rest_framework import serializers

from builder.api.shapes.base import AnyJson, Shape, Text, WordsSerializer, port_type
from runtime.labels import Sink
from runtime.nodes.spec import Effects, ParamKind, Purpose, Resource


class InputPortSerializer(Shape):
    """A port that takes a value."""

    name = Text()
    type = port_type()
    title = WordsSerializer()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a key of ours; the stubs think of a field's own option
    sink = serializers.ChoiceField(choices=[sink.value for sink in Sink], allow_null=True)


class OutputPortSerializer(Shape):
    """A port that gives a value."""

    name = Text()
    type = port_type()
    title = WordsSerializer()
    streams = serializers.BooleanField()


class ParamChoiceSerializer(Shape):
    """One of a param's choices."""

    value = Text()
    title = WordsSerializer()


class ParamSerializer(Shape):
    """A setting of a node."""

    name = Text()
    kind = serializers.ChoiceField(choices=[kind.value for kind in ParamKind])
    title = WordsSerializer()
    help = WordsSerializer(allow_null=True)
    default = AnyJson()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a key of ours; the stubs think of a field's own option
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    step = serializers.FloatField(allow_null=True)
    choices = ParamChoiceSerializer(many=True, allow_null=True)
    capability = Text(allow_null=True)
    max_length = serializers.IntegerField()
    advanced = serializers.BooleanField()


class DynamicSerializer(Shape):
    """Ports that grow with a param."""

    side = serializers.ChoiceField(choices=["inputs", "outputs"])
    param = Text()
    rule = serializers.ChoiceField(choices=["placeholders", "lines"])
    type = port_type()


class RepeatSerializer(Shape):
    """What the node calls is done several times: the settings that say how often at most, and by which port."""

    way = serializers.ChoiceField(choices=["loop", "map"])
    bound = Text()
    port = Text()


class NodeSpecSerializer(Shape):
    """A kind of node."""

    type = Text()
    version = serializers.IntegerField()
    title = WordsSerializer()
    summary = WordsSerializer()
    help = WordsSerializer()
    purpose = serializers.ChoiceField(choices=[purpose.value for purpose in Purpose])
    icon = Text()
    inputs = InputPortSerializer(many=True)
    outputs = OutputPortSerializer(many=True)
    params = ParamSerializer(many=True)
    dynamic = DynamicSerializer(allow_null=True)
    repeat = RepeatSerializer(allow_null=True)
    asks = serializers.BooleanField(
        help_text="A person is asked before it runs, and what they see is no result."
    )
    resource = serializers.ChoiceField(choices=[resource.value for resource in Resource])
    effects = serializers.ChoiceField(choices=[effect.value for effect in Effects])


class PurposeSerializer(Shape):
    """A heading of the palette."""

    id = Text()
    title = WordsSerializer()


class PaletteSerializer(Shape):
    """All node types, and which source type fits which target: null when it does, else the reason."""

    digest = Text()
    acceptance = serializers.DictField(child=serializers.DictField(child=WordsSerializer(allow_null=True)))
    purposes = PurposeSerializer(many=True)
    node_types = NodeSpecSerializer(many=True)
