"""Strict building blocks: unknown keys are refused, and text is text, never a number read as one."""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from runtime.ports import ALL_TYPES
from runtime.safety.policy import Action
from runtime.values import Json

PORT_TYPES = [str(port_type) for port_type in ALL_TYPES]
ACTIONS = [action.value for action in Action]
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Shape(serializers.Serializer[Any]):
    """An object with these keys and no others."""

    def to_internal_value(self, data: Json) -> Json:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                raise ValidationError({name: [ErrorDetail("unknown", code="unknown")] for name in unknown})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A string as it was sent, spaces and line breaks included."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False} | options)

    def to_internal_value(self, data: Json) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Line(Text):
    """One line of text, without control characters, and not empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": True} | options)

    def to_internal_value(self, data: Json) -> str:
        value = super().to_internal_value(data)
        if _CONTROL.search(value):
            self.fail("invalid")
        return value


class Whole(serializers.IntegerField):
    """A whole number, sent as a number."""

    def to_internal_value(self, data: Json) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({})
class AnyJson(serializers.Field[Any, Any, Any, Any]):
    """Any JSON value, null included."""

    def run_validation(self, data: Json = serializers.empty) -> Json:
        return super().run_validation(data) if data is serializers.empty else data

    def to_representation(self, value: Json) -> Json:
        return value


def port_type(**options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=PORT_TYPES, **options)


class WordsSerializer(Shape):
    """One text in both languages."""

    en = Text(allow_blank=True)
    zh = Text(allow_blank=True)


class IssueSerializer(Shape):
    """One thing that is wrong, and where."""

    code = Text()
    message = WordsSerializer()
    hint = WordsSerializer(allow_null=True)
    node = Text(allow_null=True)
    port = Text(allow_null=True)
    param = Text(allow_null=True)
    edge = Text(allow_null=True)
    severity = serializers.ChoiceField(choices=["error", "warning"])


class ProblemSerializer(Shape):
    """Why a run or a step failed."""

    code = Text()
    message = WordsSerializer()
    hint = WordsSerializer(allow_null=True)
    node = Text(allow_null=True)


def page_of(item: type[Shape]) -> type[Shape]:
    """The shape of one page of `item`s."""
    name = item.__name__.removesuffix("Serializer") + "PageSerializer"
    fields = {"results": item(many=True), "next": serializers.URLField(allow_null=True)}
    return type(name, (Shape,), fields | {"__doc__": "One page; `next` is the address of the one after it."})


def list_of(item: type[Shape]) -> type[Shape]:
    """The shape of a whole list of `item`s."""
    name = item.__name__.removesuffix("Serializer") + "ListSerializer"
    return type(name, (Shape,), {"results": item(many=True), "__doc__": "All of them."})
