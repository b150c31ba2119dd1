"""Policies of workspaces and workflows: what is in force, drafts, what they would do, shadows."""

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from builder.api.shapes.base import (
    ACTIONS,
    IssueSerializer,
    Line,
    Shape,
    Text,
    Whole,
    WordsSerializer,
    page_of,
)
from builder.api.shapes.plan import SINKS, SOURCES
from builder.safety.edit_draft import rule_exists
from runtime.labelling.profile import LONGEST_PRODUCER, Labelling, Profile
from runtime.ports import Kind
from runtime.safety.policy import Policy, is_labelling
from runtime.values import Json

# Kinds that bytes of a person or a model can have; a model's name and "anything" pass no gate.
KINDS = [kind.value for kind in Kind if kind not in (Kind.MODEL, Kind.ANY)]
LABEL_LANGUAGES = ["en", "zh"]
# Floors are joined rule by rule at each look, so that their number is bounded.
MOST_RULES = 100
MOST_FILTERS = 40
MOST_CATEGORIES = 100
LONGEST_LINE = 500
LONGEST_REASON = 2_000
SEEN = 64
MAX_VERSION = 2**31 - 1


class Share(serializers.FloatField):
    """A number between bounds, sent as a number."""

    def to_internal_value(self, data: Json) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class PolicyFilterSerializer(Shape):
    """One filter of a rule: what meets `action` is what scores at or above `threshold`. No categories: all."""

    filter = Text(max_length=100)
    action = serializers.ChoiceField(choices=ACTIONS)
    threshold = Share(min_value=0.0, max_value=1.0)
    categories = serializers.ListField(child=Text(max_length=100), max_length=MOST_CATEGORIES)


class RuleWordsSerializer(Shape):
    """A line about a rule, in both languages."""

    en = Text(max_length=LONGEST_LINE, allow_blank=True)
    zh = Text(max_length=LONGEST_LINE, allow_blank=True)


class PolicyRuleSerializer(Shape):
    """For what goes where, and whose it is: the filters that must pass. Without any it is let through."""

    id = Line(max_length=80)
    title = RuleWordsSerializer()
    reason = RuleWordsSerializer()
    sink = serializers.ChoiceField(choices=SINKS)
    media = serializers.ListField(child=serializers.ChoiceField(choices=KINDS), max_length=len(KINDS))
    # None would be read as all: that is said by naming all.
    sources = serializers.ListField(
        child=serializers.ChoiceField(choices=SOURCES), min_length=1, max_length=len(SOURCES)
    )
    chain = serializers.ListField(child=PolicyFilterSerializer(), max_length=MOST_FILTERS)


class LabellingSerializer(Shape):
    """Which labels are put on what a model had a part in."""

    profile = serializers.ChoiceField(choices=[profile.value for profile in Profile])
    language = serializers.ChoiceField(choices=LABEL_LANGUAGES)
    producer = Text(max_length=LONGEST_PRODUCER, allow_blank=True)

    def validate(self, attrs: dict[str, Json]) -> dict[str, Json]:
        try:
            Labelling.from_json(attrs)
        except ValueError:
            # Labels after GB 45438-2025 are Chinese, and name who offers the service.
            wrong = {"producer": "required"} if attrs["language"] == "zh" else {"language": "invalid_choice"}
            raise ValidationError(wrong, code=next(iter(wrong.values()))) from None
        return attrs


class PolicyRulesSerializer(Shape):
    """All that a policy says."""

    previews = serializers.ChoiceField(choices=["none", "blurred"])
    labelling = LabellingSerializer()
    rules = serializers.ListField(child=PolicyRuleSerializer(), max_length=MOST_RULES)

    def validate(self, attrs: dict[str, Json]) -> dict[str, Json]:
        if any(is_labelling(rule["id"]) for rule in attrs["rules"]):
            raise ValidationError({"rules": "invalid"}, code="invalid")  # those are made by the labelling
        return attrs


class PolicyVersionItemSerializer(Shape):
    """A version; `author` and `reason` are empty for a floor, which is somebody else's."""

    version = serializers.IntegerField()
    author = Text(allow_blank=True)
    reason = Text(allow_blank=True)
    created = serializers.DateTimeField()


class PolicyVersionSerializer(PolicyVersionItemSerializer):
    """A version with its rules."""

    policy = PolicyRulesSerializer()


class PolicyFaultSerializer(Shape):
    """Why a draft cannot come into force. `rule` is a rule's id, or `previews` or `labelling`."""

    rule = Text()
    code = Text()
    message = WordsSerializer()


class PolicyDraftSerializer(Shape):
    """A draft; nothing of it is in force. `moved`: another version has come into force since `base`."""

    seen = Text(help_text="Its digest, to be sent along with what is done to it.")
    base = serializers.IntegerField(help_text="The version that it was begun from; 0 for the floor.")
    moved = serializers.BooleanField()
    by = Text(allow_null=True)
    updated = serializers.DateTimeField()
    policy = PolicyRulesSerializer()
    faults = PolicyFaultSerializer(many=True)


class ShadowFindingSerializer(Shape):
    """What the shadow would have acted on: how often, in how many runs, and when last."""

    rule = Text()
    filter = Text()
    action = serializers.ChoiceField(choices=ACTIONS)
    category = Text()
    count = serializers.IntegerField()
    runs = serializers.IntegerField()
    last = serializers.DateTimeField()


class PolicyShadowSerializer(Shape):
    """A policy that looks on. `differs`: it is not what the draft says now."""

    id = serializers.UUIDField()
    started = serializers.DateTimeField()
    ended = serializers.DateTimeField(allow_null=True)
    author = Text(allow_blank=True)
    reason = Text()
    looked = serializers.IntegerField()
    failed = serializers.IntegerField()
    differs = serializers.BooleanField()
    findings = ShadowFindingSerializer(many=True)


class PolicyStateSerializer(Shape):
    """The policy of a workspace or of one of its workflows. Draft and shadow are told to an owner alone."""

    scope = serializers.ChoiceField(choices=["workspace", "workflow"])
    may_change = serializers.BooleanField()
    in_force = PolicyVersionSerializer(help_text="What holds: the stricter of the floor and its own.")
    floor = PolicyVersionSerializer(help_text="What it may be stricter than, and never milder.")
    own = PolicyVersionSerializer(allow_null=True)
    draft = PolicyDraftSerializer(allow_null=True)
    shadow = PolicyShadowSerializer(allow_null=True)


class SavePolicyDraftSerializer(Shape):
    """A draft to keep, and the one that was seen before it (empty: there was none)."""

    seen = Text(max_length=SEEN, allow_blank=True)
    base = Whole(
        min_value=0,
        max_value=MAX_VERSION,
        required=False,
        help_text="Keep it on top of this version, which has come into force since it was begun.",
    )
    policy = PolicyRulesSerializer()


class PutPolicyInForceSerializer(Shape):
    """Why, and the draft that was looked at."""

    reason = Text(max_length=LONGEST_REASON, trim_whitespace=True, allow_blank=True)
    seen = Text(max_length=SEEN)


class PolicyEffectSerializer(Shape):
    """What becomes of one published workflow: at how many inputs a gate comes, goes, or is another."""

    workflow = serializers.UUIDField()
    name = Text()
    version = serializers.IntegerField()
    gains = serializers.IntegerField()
    loses = serializers.IntegerField()
    changes = serializers.IntegerField()
    labels = serializers.IntegerField(help_text="At how many an AI label comes, goes or is another.")
    previews = serializers.BooleanField(
        help_text="Whether something else is shown of its pictures before their gate."
    )
    stops = IssueSerializer(many=True, help_text="Why it would no longer compile.")
    needs = IssueSerializer(many=True, help_text="Models that it would need, and that are not here.")
    withholds = IssueSerializer(
        many=True,
        help_text="Results that would have to carry an AI label, and cannot: they would not be let through.",
    )
    broken = serializers.BooleanField(help_text="It does not compile as it is.")
    mends = serializers.BooleanField(help_text="It does not compile as it is, and would.")


class PolicyCountsSerializer(Shape):
    """How many of the workflows looked at would have which happen to them."""

    gains = serializers.IntegerField()
    loses = serializers.IntegerField()
    changes = serializers.IntegerField()
    labels = serializers.IntegerField()
    previews = serializers.IntegerField()
    stops = serializers.IntegerField()
    needs = serializers.IntegerField()
    withholds = serializers.IntegerField()
    mends = serializers.IntegerField()
    broken = serializers.IntegerField()
    stays = serializers.IntegerField()


class PolicyPreviewSerializer(Shape):
    """What the draft would do to the published workflows from `start` on; `next` where the following ones begin."""

    seen = Text(allow_blank=True, help_text="The draft that was looked at; empty: there is none.")
    start = serializers.IntegerField()
    looked = serializers.IntegerField()
    total = serializers.IntegerField()
    next = serializers.IntegerField(allow_null=True)
    counts = PolicyCountsSerializer()
    effects = PolicyEffectSerializer(many=True)


PolicyVersionPageSerializer = page_of(PolicyVersionItemSerializer)


def policy_of(given: dict[str, Json], version: int) -> Policy:
    """The policy that a valid `PolicyRulesSerializer` spells. Raises Refused `rule_exists`."""
    names: set[str] = set()
    for rule in given["rules"]:
        if rule["id"] in names:
            raise rule_exists(rule["id"])
        names.add(rule["id"])
    return Policy.from_json({"format": 1, "version": version, **given})
