"""Reads a request's body by its shape."""

from typing import Any

from rest_framework.request import Request

from builder.api.shapes.base import Shape


def checked(shape: type[Shape], request: Request) -> dict[str, Any]:
    """The valid data. Raises ValidationError, which becomes 400 with an issue for each field."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
