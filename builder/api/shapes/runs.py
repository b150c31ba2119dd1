"""Runs: what is asked for, what is told."""

from rest_framework import serializers

from builder.api.shapes.base import (
    ACTIONS,
    AnyJson,
    ProblemSerializer,
    Shape,
    Text,
    Whole,
    WordsSerializer,
    page_of,
    port_type,
)
from builder.api.shapes.graph import node_id
from builder.api.shapes.plan import PlanViewSerializer
from builder.api.shapes.workflows import MAX_NUMBER
from builder.runs.decide_effect import Said
from runtime.dispatch.states import RunState, StepState
from runtime.dispatch.store import WaitsFor

SAID = [item.value for item in Said]
RUN_STATES = [state.value for state in RunState]
UP_TO = "The node at which a partial run ends; only what it needs is run, and what it gives is shown."
PRIORITY = "Among your own runs that wait: the highest is next. Other people take their turns all the same."
STEP_STATES = [state.value for state in StepState]


class NewRunSerializer(Shape):
    """What to run with; without a version it is the saved draft that runs."""

    inputs = serializers.DictField(child=AnyJson(), required=False)
    version = Whole(min_value=1, max_value=MAX_NUMBER, allow_null=True, required=False)
    to = node_id(allow_null=True, required=False, help_text=UP_TO)
    priority = Whole(min_value=-100, max_value=100, required=False, help_text=PRIORITY)


class RestartSerializer(Shape):
    """How a run is begun again."""

    again = serializers.BooleanField(
        required=False, help_text="Also what must not happen twice and was begun may happen again."
    )


class EffectSaidSerializer(Shape):
    """Whether a step happened that must not happen twice, as somebody knows who has looked; or that the run is stopped."""

    step = Text(max_length=200)
    attempt = Whole(min_value=1, max_value=MAX_NUMBER, help_text="The attempt that was looked at.")
    decision = serializers.ChoiceField(choices=SAID)


class CostSerializer(Shape):
    """What a step used."""

    device = Text(allow_null=True, required=False)
    tokens = serializers.FloatField(allow_null=True, required=False)


class WaitSerializer(Shape):
    """What a step waits for that holds no worker; `number` and `of` say which try comes next, and of how many."""

    # A name that Python keeps for itself.
    vars()["for"] = serializers.ChoiceField(choices=[item.value for item in WaitsFor])
    until = serializers.DateTimeField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    number = serializers.IntegerField(allow_null=True)
    of = serializers.IntegerField(allow_null=True)


class RunStepSerializer(Shape):
    """One step of a run."""

    id = Text()
    node = Text(allow_null=True)
    type = Text()
    title = WordsSerializer()
    gate = serializers.BooleanField()
    state = serializers.ChoiceField(choices=STEP_STATES)
    attempt = serializers.IntegerField()
    started = serializers.DateTimeField(allow_null=True)
    finished = serializers.DateTimeField(allow_null=True)
    cost = CostSerializer(allow_null=True)
    error = ProblemSerializer(allow_null=True)
    waits = WaitSerializer(allow_null=True, help_text="None of a gate that waits for a reviewer.")


class FileValueSerializer(Shape):
    """A picture or a sound that has passed its gate; a sound has neither width nor height."""

    asset = serializers.UUIDField()
    url = Text()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    media_type = Text()
    size = serializers.IntegerField()


class RunOutputSerializer(Shape):
    """A delivered output: a text, a number, plain data, a picture or a sound (FileValue)."""

    name = Text()
    title = Text(allow_blank=True)
    type = port_type()
    value = AnyJson()


class FindingSerializer(Shape):
    """What a gate found; never the material itself."""

    step = Text()
    rule = Text()
    action = serializers.ChoiceField(choices=ACTIONS)
    filter = Text()
    category = Text()
    score = serializers.FloatField(allow_null=True)
    message = WordsSerializer()


class RunItemSerializer(Shape):
    """A run in a list."""

    id = serializers.UUIDField()
    workflow = serializers.UUIDField(allow_null=True)
    workflow_name = Text(allow_blank=True)
    to = Text(allow_null=True, help_text="The node at which a partial run ended.")
    state = serializers.ChoiceField(choices=RUN_STATES)
    created = serializers.DateTimeField()
    started = serializers.DateTimeField(allow_null=True)
    finished = serializers.DateTimeField(allow_null=True)


class RunSerializer(RunItemSerializer):
    """A run: its steps, outputs and findings so far."""

    error = ProblemSerializer(allow_null=True)
    restarts = serializers.UUIDField(allow_null=True, help_text="The run that this one begins again.")
    steps = RunStepSerializer(many=True)
    outputs = RunOutputSerializer(many=True)
    findings = FindingSerializer(many=True)
    own = serializers.BooleanField(help_text="Whether the reader started it.")
    inputs = serializers.DictField(child=AnyJson(), help_text="Empty for all but who started the run.")
    last_event = serializers.IntegerField()
    plan = PlanViewSerializer()


RunPageSerializer = page_of(RunItemSerializer)
