"""Reviews: what lies on a reviewer's desk, and appeals."""

from rest_framework import serializers

from builder.api.shapes.base import AnyJson, Shape, Text, Whole, list_of, page_of, port_type
from builder.api.shapes.runs import FindingSerializer
from builder.runs.models import Purpose, ReviewState
from runtime.safety.ruling import Decision

DECISIONS = [item.value for item in Decision]
REVIEW_STATES = [item.value for item in ReviewState if item is not ReviewState.KEPT]
PURPOSES = Purpose.values
APPEAL_STATES = ["possible", "gone", "open", "allowed", "redacted", "refused", "expired"]
MAX_NOTE = 4_000
MAX_CUTS = 1_000
MAX_PLACE = 2**31 - 1


class ReviewWorkspaceSerializer(Shape):
    """Where the run belongs."""

    id = serializers.UUIDField()
    name = Text()


class OpinionSerializer(Shape):
    """What one reviewer decided."""

    name = Text()
    decision = serializers.ChoiceField(choices=DECISIONS)
    note = Text()
    at = serializers.DateTimeField()


class LookSerializer(Shape):
    """Who looked at the material, and when."""

    name = Text()
    at = serializers.DateTimeField()


class ReviewSerializer(Shape):
    """A review without its material. Others' opinions show once it is over."""

    id = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=PURPOSES)
    state = serializers.ChoiceField(choices=REVIEW_STATES)
    run = serializers.UUIDField()
    workspace = ReviewWorkspaceSerializer()
    workflow_name = Text(allow_blank=True)
    step = Text()
    rules = serializers.ListField(child=Text())
    outputs = serializers.ListField(child=Text())
    type = port_type()
    text = Text(allow_blank=True, help_text="What the author said for the appeal.")
    findings = FindingSerializer(many=True)
    needed = serializers.IntegerField(help_text="How many reviewers must decide.")
    given = serializers.IntegerField(help_text="How many have.")
    created = serializers.DateTimeField()
    deadline = serializers.DateTimeField(allow_null=True)
    decided = serializers.DateTimeField(allow_null=True)
    decision = serializers.ChoiceField(choices=DECISIONS, allow_null=True)
    own = serializers.BooleanField(help_text="The reader started this run, and can neither look nor decide.")
    judged_hold = serializers.BooleanField(
        help_text="The reader decided about the hold that this appeal is against, and must leave it to another."
    )
    tightened = serializers.BooleanField(
        help_text="The policy has become stricter since the run: nothing of it is let through or given back any more."
    )
    judged = serializers.BooleanField(help_text="The reader has decided already.")
    opinions = OpinionSerializer(many=True)
    looks = LookSerializer(many=True)


ReviewPageSerializer = page_of(ReviewSerializer)


class MaterialFileSerializer(Shape):
    """A picture or a sound of the material: its address answers who has just looked, for ten minutes."""

    url = Text()
    media_type = Text()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField()


class SpotSerializer(Shape):
    """A place that a filter recognised; code points, the end excluded. `item` counts from 0 in a list."""

    item = serializers.IntegerField(allow_null=True)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    filter = Text()
    category = Text()


class MaterialSerializer(Shape):
    """The material of a review, and the look that was written down for it. `value` is null for pictures."""

    look = serializers.UUIDField()
    at = serializers.DateTimeField()
    type = port_type()
    value = AnyJson()
    files = MaterialFileSerializer(many=True)
    spots = SpotSerializer(many=True)


class CutSerializer(Shape):
    """What is to be taken out: a span of a text (code points, the end excluded), or the whole text or item."""

    item = Whole(min_value=0, max_value=MAX_PLACE, allow_null=True, default=None)
    start = Whole(min_value=0, max_value=MAX_PLACE, allow_null=True, default=None)
    end = Whole(min_value=0, max_value=MAX_PLACE, allow_null=True, default=None)


class NewOpinionSerializer(Shape):
    """A decision and the reason for it; `cuts` with `redact` alone."""

    decision = serializers.ChoiceField(choices=DECISIONS)
    note = Text(max_length=MAX_NOTE, trim_whitespace=True)
    cuts = serializers.ListField(child=CutSerializer(), required=False, max_length=MAX_CUTS)


class NewAppealSerializer(Shape):
    """Which output was withheld, and why it should not have been."""

    output = Text(max_length=200)
    text = Text(max_length=MAX_NOTE, trim_whitespace=True)


class AppealSerializer(Shape):
    """What was withheld from a run's outputs and kept, and what became of the appeal for it."""

    id = serializers.UUIDField()
    outputs = serializers.ListField(child=Text())
    type = port_type()
    state = serializers.ChoiceField(choices=APPEAL_STATES)
    text = Text(allow_blank=True, help_text="Empty for readers to whom words are not told.")
    keep_until = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True)
    decided = serializers.DateTimeField(allow_null=True)
    notes = serializers.ListField(
        child=Text(), help_text="Why it was decided so; none for readers to whom words are not told."
    )
    released = AnyJson(help_text="The value, once the appeal was allowed; a stored file as a FileValue.")


AppealListSerializer = list_of(AppealSerializer)
