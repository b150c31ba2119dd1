"""Questions: what a run asks people, and what they answer."""

from rest_framework import serializers

from builder.api.shapes.base import AnyJson, Shape, Text, Whole, WordsSerializer, port_type
from builder.api.shapes.workflows import MAX_NUMBER
from builder.runs.answer_question import LONGEST_ANSWER

ANSWERS = ["yes", "no"]


class AskedFileSerializer(Shape):
    """A picture or a sound that the question is about."""

    url = Text()
    media_type = Text()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField()


class QuestionSerializer(Shape):
    """What a step waits to be told, and the value that it is about; `answers` is empty where a text is asked for."""

    step = Text()
    node = Text(allow_null=True)
    title = WordsSerializer()
    attempt = serializers.IntegerField()
    question = Text(allow_blank=True)
    answers = serializers.ListField(child=serializers.ChoiceField(choices=ANSWERS))
    type = port_type(allow_null=True, help_text="None where nothing is connected.")
    value = AnyJson(help_text="None where it is a stored file.")
    files = AskedFileSerializer(many=True)
    until = serializers.DateTimeField(allow_null=True)


class QuestionListSerializer(Shape):
    """What a run asks now."""

    results = QuestionSerializer(many=True)


class NewAnswerSerializer(Shape):
    """An answer: `yes` or `no` where those are asked for, else a text."""

    step = Text(max_length=200)
    attempt = Whole(min_value=1, max_value=MAX_NUMBER, help_text="The attempt whose question was looked at.")
    answer = Text(max_length=LONGEST_ANSWER)
