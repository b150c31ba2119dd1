"""Who is signed in."""

from rest_framework import serializers

from builder.accounts.roles import Role
from builder.api.shapes.base import Line, Shape, Text
from builder.common.language import LANGUAGES


class SignInSerializer(Shape):
    """A name and a password."""

    username = Text(max_length=150)
    password = Text(max_length=1_000)


class PasswordSerializer(Shape):
    """The password that an account has, and the one that it gets. One that has none yet says none."""

    current = Text(max_length=1_000, required=False, allow_blank=True, default="")
    new = Text(max_length=1_000)


class LanguageSerializer(Shape):
    """The language that the person wants to read."""

    language = serializers.ChoiceField(choices=list(LANGUAGES))


class UserSerializer(Shape):
    """The person who is signed in."""

    id = serializers.UUIDField()
    name = Text()
    username = Text()
    email = Text(allow_blank=True)
    is_admin = serializers.BooleanField()
    has_password = serializers.BooleanField()
    lent = Text(
        allow_null=True, help_text="Who made the link that began this session; null where nobody has lent it."
    )


class WorkspaceSerializer(Shape):
    """A workspace, and the person's role in it."""

    id = serializers.UUIDField()
    name = Line()
    role = serializers.ChoiceField(choices=Role.values)


class SessionSerializer(Shape):
    """Who is signed in (null: nobody), where they may work, and which version of the product answers."""

    user = UserSerializer(allow_null=True)
    workspaces = WorkspaceSerializer(many=True)
    language = serializers.ChoiceField(choices=list(LANGUAGES))
    version = Text()
