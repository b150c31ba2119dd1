"""Describes each operation: signed in by cookie, and answering errors in the one shape that they have."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import AllowAny

from builder.api.shapes.errors import ErrorSerializer
from runtime.values import Json


class Schema(AutoSchema):
    """What every operation has in common."""

    def get_operation(self, *args: Any, **options: Any) -> dict[str, Json] | None:
        operation: dict[str, Json] | None = super().get_operation(*args, **options)
        if operation is not None:
            error = self.resolve_serializer(ErrorSerializer(), "response").ref
            operation["responses"]["4XX"] = {
                "description": "Why not, and what to do about it.",
                "content": {"application/json": {"schema": error}},
            }
        return operation

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [] if AllowAny in self.view.permission_classes else [{"session": []}]
