"""Models."""

from rest_framework import serializers

from builder.api.shapes.base import Shape, Text, WordsSerializer, list_of

MODEL_STATES = ["installed", "missing", "installing", "broken"]


class ModelProgressSerializer(Shape):
    """Bytes."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()


class ModelSerializer(Shape):
    """A model of the catalogue, and whether it is here."""

    name = Text()
    title = WordsSerializer()
    capability = Text()
    licence = Text()
    size = serializers.IntegerField()
    sources = WordsSerializer(many=True)
    available = serializers.BooleanField()
    state = serializers.ChoiceField(choices=MODEL_STATES)
    progress = ModelProgressSerializer(allow_null=True)
    note = WordsSerializer(allow_null=True)


ModelListSerializer = list_of(ModelSerializer)
