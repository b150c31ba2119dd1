"""Templates."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from builder.api.shapes.base import Line, Shape, Text, WordsSerializer, list_of
from builder.api.shapes.graph import GraphSerializer
from builder.api.shapes.plan import ArgumentSerializer
from runtime.values import Json

_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Words"}]})
class WordsOrText(serializers.Field[Any, Any, Any, Any]):
    """One text for both languages, or one for each; given on as Words."""

    def __init__(self, max_length: int, allow_blank: bool = False, **options: Any) -> None:
        self.max_length, self.allow_blank = max_length, allow_blank
        super().__init__(**options)

    def to_internal_value(self, data: Json) -> dict[str, str]:
        words = {"en": data, "zh": data} if isinstance(data, str) else data
        shape = WordsSerializer(data=words)
        shape.is_valid(raise_exception=True)
        texts = {name: text.strip() for name, text in shape.validated_data.items()}
        if any(len(text) > self.max_length for text in texts.values()):
            raise serializers.ValidationError("too long", code="max_length")
        if not self.allow_blank and not all(texts.values()):
            raise serializers.ValidationError("blank", code="blank")
        return texts


class ShareSerializer(Shape):
    """What people read about a template before they use it."""

    title = WordsOrText(max_length=200)
    description = WordsOrText(max_length=2_000, allow_blank=True, required=False)
    tags = serializers.ListField(child=Line(max_length=40), max_length=10, required=False)


class UseSerializer(Shape):
    """The workspace that gets the copy."""

    workspace = serializers.UUIDField()


class NeedSerializer(Shape):
    """A model that the template works with, and whether it is here or could be installed."""

    model = Text()
    title = Text()
    capability = Text()
    installed = serializers.BooleanField()
    available = serializers.BooleanField()


class TemplateItemSerializer(Shape):
    """A template in the gallery."""

    id = serializers.UUIDField()
    slug = serializers.RegexField(_SLUG)
    title = WordsSerializer()
    description = WordsSerializer()
    tags = serializers.ListField(child=Text())
    picture = Text()
    inputs = ArgumentSerializer(many=True)
    needs = NeedSerializer(many=True)


class TemplateSerializer(TemplateItemSerializer):
    """A template, with its graph."""

    graph = GraphSerializer()


TemplateListSerializer = list_of(TemplateItemSerializer)
