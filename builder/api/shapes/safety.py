"""Filters, and what they say of something that is only tried."""

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from builder.api.shapes.base import ACTIONS, Shape, Text, WordsSerializer, list_of
from builder.api.shapes.plan import SOURCES, GateRuleSerializer
from runtime.labels import Sink
from runtime.values import Json

# What leaves for another system or is kept has no rules that a text could be tried under.
TRIED_SINKS = [Sink.PERSON.value, Sink.MODEL.value]
VERDICTS = ["allow", *ACTIONS]
LONGEST = 20_000  # characters


class CategorySerializer(Shape):
    """Something that a filter can name."""

    id = Text()
    title = WordsSerializer()


class FilterSerializer(Shape):
    """A filter: what it looks for, and what it is known to miss."""

    id = Text()
    title = WordsSerializer()
    media = serializers.ListField(child=Text())
    categories = CategorySerializer(many=True)
    languages = serializers.ListField(child=Text())
    licence = Text()
    cost = serializers.FloatField(
        help_text="Milliseconds for a KB of text, a picture of 512 x 512 pixels, or half a minute of sound."
    )
    misses = WordsSerializer()


class WhatIfSerializer(Shape):
    """A text, a picture or a sound to try, where it would go, and who would have made it."""

    text = Text(max_length=LONGEST, required=False)
    asset = serializers.UUIDField(required=False, help_text="A picture or a sound of this workspace.")
    workflow = serializers.UUIDField(required=False, help_text="Whose policy; without it, the workspace's.")
    draft = serializers.BooleanField(
        required=False, help_text="Under the draft of that policy instead, which only an owner has."
    )
    sink = serializers.ChoiceField(choices=TRIED_SINKS, default=Sink.PERSON.value)
    sources = serializers.ListField(
        child=serializers.ChoiceField(choices=SOURCES),
        min_length=1,
        max_length=len(SOURCES),
        required=False,
        help_text="Without any: a text is a user's, a file an upload.",
    )

    def validate(self, attrs: dict[str, Json]) -> dict[str, Json]:
        if "text" in attrs and "asset" in attrs:
            raise ValidationError({"asset": "unknown"}, code="unknown")  # beside a text, that is
        if not attrs.keys() & {"text", "asset"}:
            raise ValidationError({"text": "required"}, code="required")
        return attrs


class TriedMatchSerializer(Shape):
    """A category with its highest score, and whether the policy acts on it."""

    category = Text()
    title = WordsSerializer()
    score = serializers.FloatField()
    met = serializers.BooleanField()


class TriedFilterSerializer(Shape):
    """What one filter said, and what the policy does from the threshold on."""

    id = Text()
    title = WordsSerializer()
    action = serializers.ChoiceField(choices=ACTIONS)
    threshold = serializers.FloatField()
    matches = TriedMatchSerializer(many=True)


class TrialLimitSerializer(Shape):
    """How often a person may ask: `most` in so many seconds, of which some are left."""

    most = serializers.IntegerField()
    seconds = serializers.IntegerField()
    left = serializers.IntegerField()


class TriedSerializer(Shape):
    """What the gate would do; `text` is what would go on, none when nothing would."""

    policy = serializers.IntegerField(help_text="The policy's version.")
    verdict = serializers.ChoiceField(choices=VERDICTS)
    rules = GateRuleSerializer(many=True)
    filters = TriedFilterSerializer(many=True)
    text = Text(allow_null=True, allow_blank=True)
    seconds = serializers.FloatField()
    limit = TrialLimitSerializer()


FilterListSerializer = list_of(FilterSerializer)
