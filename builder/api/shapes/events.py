"""Events: a union over `kind`, each with its own data."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from builder.api.shapes.base import AnyJson, ProblemSerializer, Shape, Text, WordsSerializer, port_type
from builder.api.shapes.questions import ANSWERS
from builder.api.shapes.runs import SAID, CostSerializer, FindingSerializer, WaitSerializer
from runtime.events import LIVE, EventKind


@extend_schema_field({"type": "object", "additionalProperties": False})
class Nothing(serializers.Field[Any, Any, Any, Any]):
    """No data."""


class FailureSerializer(Shape):
    """Why the run failed."""

    error = ProblemSerializer(allow_null=True)


class WithheldOutputsSerializer(Shape):
    """The outputs that were withheld: by gates, or, where it says so, with the whole run."""

    outputs = serializers.ListField(child=Text())
    error = ProblemSerializer(required=False)


class StepStartSerializer(Shape):
    """A step began."""

    step = Text()
    attempt = serializers.IntegerField()


class StepEndSerializer(Shape):
    """A step ended."""

    step = Text()
    seconds = serializers.FloatField(allow_null=True)
    cost = CostSerializer(allow_null=True)
    error = ProblemSerializer(allow_null=True)


class StepWaitSerializer(StepEndSerializer):
    """A step waits: for a reviewer, or for a moment, as it says."""

    waits = WaitSerializer(allow_null=True)


class StepDecidedSerializer(Shape):
    """Somebody said whether a step had happened that must not happen twice, or stopped the run."""

    step = Text()
    attempt = serializers.IntegerField()
    decision = serializers.ChoiceField(choices=SAID)


class StepAnsweredSerializer(Shape):
    """Somebody answered what a step had asked. What a text says is told to nobody here."""

    step = Text()
    attempt = serializers.IntegerField()
    answer = serializers.ChoiceField(choices=ANSWERS, allow_null=True)


class DeliveredSerializer(Shape):
    """An output passed its gates."""

    name = Text()
    type = port_type()
    value = AnyJson()


class StepProgressSerializer(Shape):
    """How far a step is."""

    step = Text()
    done = serializers.FloatField()
    total = serializers.FloatField(allow_null=True)
    note = WordsSerializer(allow_null=True)


class PartialOutputSerializer(Shape):
    """The whole text released so far."""

    name = Text()
    step = Text()
    text = Text(allow_blank=True)


class StepPreviewSerializer(Shape):
    """A blurred picture of at most 32 pixels, as a data address."""

    step = Text()
    image = Text()


class QueuePositionSerializer(Shape):
    """The place of a run in the queue for its kind of worker; `beyond`, that it is further back than this."""

    position = serializers.IntegerField()
    beyond = serializers.BooleanField()


DATA: dict[EventKind, type[Shape] | type[Nothing]] = {
    EventKind.RUN_QUEUED: Nothing,
    EventKind.RUN_RUNNING: Nothing,
    EventKind.RUN_WAITING: Nothing,
    EventKind.RUN_SUCCEEDED: Nothing,
    EventKind.RUN_FAILED: FailureSerializer,
    EventKind.RUN_CANCELLED: Nothing,
    EventKind.RUN_BLOCKED: WithheldOutputsSerializer,
    EventKind.STEP_RUNNING: StepStartSerializer,
    EventKind.STEP_WAITING: StepWaitSerializer,
    EventKind.STEP_DECIDED: StepDecidedSerializer,
    EventKind.STEP_ANSWERED: StepAnsweredSerializer,
    EventKind.STEP_DONE: StepEndSerializer,
    EventKind.STEP_CACHED: StepEndSerializer,
    EventKind.STEP_SKIPPED: StepEndSerializer,
    EventKind.STEP_WITHHELD: StepEndSerializer,
    EventKind.STEP_FAILED: StepEndSerializer,
    EventKind.STEP_CANCELLED: StepEndSerializer,
    EventKind.GATE_FINDING: FindingSerializer,
    EventKind.OUTPUT: DeliveredSerializer,
    EventKind.STEP_PROGRESS: StepProgressSerializer,
    EventKind.OUTPUT_PARTIAL: PartialOutputSerializer,
    EventKind.STEP_PREVIEW: StepPreviewSerializer,
    EventKind.QUEUE_POSITION: QueuePositionSerializer,
}


def _constant(value: str | None) -> serializers.Field[Any, Any, Any, Any]:
    """A field that is always the same."""

    @extend_schema_field({"type": "null"} if value is None else {"const": value})
    class Constant(serializers.Field[Any, Any, Any, Any]):
        pass

    return Constant()


def _event(kind: EventKind) -> type[Shape]:
    name = "".join(part.capitalize() for part in kind.value.split(".")) + "EventSerializer"
    fields = {
        "run": serializers.UUIDField(),
        "seq": _constant(None) if kind in LIVE else serializers.IntegerField(min_value=1),
        "kind": _constant(kind.value),
        "at": serializers.DateTimeField(),
        "data": DATA[kind](),
    }
    return type(name, (Shape,), fields | {"__doc__": DATA[kind].__doc__})


EventSerializer = PolymorphicProxySerializer(
    component_name="Event",
    serializers={kind.value: _event(kind) for kind in EventKind},
    resource_type_field_name="kind",
    many=False,
)


@extend_schema_field(EventSerializer)
class EventField(serializers.JSONField):
    """One event."""


class EventListSerializer(Shape):
    """Durable events in their order."""

    results = serializers.ListField(child=EventField())
