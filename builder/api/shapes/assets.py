"""Files."""

from rest_framework import serializers

from builder.api.shapes.base import Shape, Text


class UploadSerializer(serializers.Serializer[dict[str, object]]):
    """A file, as multipart form data."""

    file = serializers.FileField()


class AssetSerializer(Shape):
    """A file of a workspace, and where its bytes are."""

    id = serializers.UUIDField()
    media_type = Text()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField()
    url = Text()
    readable = serializers.BooleanField(
        help_text="Whether the reader gets the bytes. What somebody uploads, nobody else does."
    )
