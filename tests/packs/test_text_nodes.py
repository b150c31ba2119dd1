"""Text nodes, one by one; text.generate with the real model."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import Cancelled, OperationalError, UserError
from runtime.models.chat import Question
from runtime.models.llama import LocalChat, load
from runtime.models.manager import ModelManager
from runtime.packs.text.input_number import input_number
from runtime.packs.text.input_text import input_text
from runtime.packs.text.output_text import output_text
from runtime.packs.text.prompt_template import prompt_template
from runtime.packs.text.text_generate import text_generate
from runtime.packs.text.text_join import text_join
from runtime.packs.text.text_split import text_split
from tests.packs.doubles import MemoryContext

GENERATE = {
    "model": "smollm2",
    "system": "",
    "max_tokens": 40,
    "temperature": 0.2,
    "stop": [],
    "seed": 7,
}
TEXT_INPUT = {"label": None, "multiline": False}
NUMBER_INPUT = {"label": None, "default": None, "minimum": None, "maximum": None}


class TestInputs:
    def test_text_gives_the_argument_of_its_name(self) -> None:
        context = MemoryContext({"question": "Why?"})
        assert input_text.run(context, name="question", default="", **TEXT_INPUT) == {"text": "Why?"}

    def test_text_without_a_name_goes_by_its_node(self) -> None:
        assert input_text.run(MemoryContext({"step": "x"}), name=None, default="", **TEXT_INPUT) == {
            "text": "x"
        }

    def test_text_falls_back_on_its_default(self) -> None:
        assert input_text.run(MemoryContext(), name="q", default="hello", **TEXT_INPUT) == {"text": "hello"}

    def test_an_empty_argument_is_not_a_missing_one(self) -> None:
        assert input_text.run(MemoryContext({"q": ""}), name="q", default="x", **TEXT_INPUT) == {"text": ""}

    def test_number_gives_the_argument(self) -> None:
        assert input_number.run(MemoryContext({"n": 3}), name="n", **NUMBER_INPUT) == {"number": 3}

    @pytest.mark.parametrize("given", [None, "3", True])
    def test_number_refuses_what_is_none(self, given: object) -> None:
        with pytest.raises(UserError, match="input_missing"):
            input_number.run(MemoryContext({"n": given}), name="n", **NUMBER_INPUT)

    @pytest.mark.parametrize("number", [0.9, 10.1])
    def test_number_refuses_what_is_out_of_bounds(self, number: float) -> None:
        with pytest.raises(UserError, match="input_out_of_range"):
            input_number.run(
                MemoryContext({"n": number}), name="n", **NUMBER_INPUT | {"minimum": 1, "maximum": 10}
            )


class TestTemplate:
    def test_every_place_is_filled(self) -> None:
        run = prompt_template.run(MemoryContext(), template="{{a}}, {{ b }} and {{a}}", a="one", b="two")
        assert run == {"text": "one, two and one"}

    @given(st.text(max_size=200), st.text(max_size=200))
    def test_values_are_put_in_literally_and_once(self, one: str, other: str) -> None:
        run = prompt_template.run(MemoryContext(), template="<{{a}}|{{b}}>", a=one, b=other)
        assert run == {"text": f"<{one}|{other}>"}

    def test_a_place_inside_a_value_stays_text(self) -> None:
        run = prompt_template.run(MemoryContext(), template="{{a}}{{b}}", a="{{b}} \\1 {0}", b="x")
        assert run == {"text": "{{b}} \\1 {0}x"}


def test_texts_are_joined_in_order() -> None:
    assert text_join.run(MemoryContext(), texts=["a", "b", "c"], separator="-") == {"text": "a-b-c"}


def test_an_output_makes_nothing_of_its_own() -> None:
    assert output_text.run(MemoryContext(), text="x", name="answer", label=None) == {}


class TestGenerate:
    def generate(
        self, models: ModelManager, prompt: str = "Say hello to Ann.", **params: object
    ) -> MemoryContext:
        context = MemoryContext(models=models)
        self.text = text_generate.run(context, prompt=prompt, **{**GENERATE, **params})["text"]
        return context

    def test_it_answers_and_tells_what_it_took(self, models: ModelManager) -> None:
        context = self.generate(models)
        assert len(str(self.text)) > 5
        assert 1 <= int(context.figures["tokens"]) <= 40
        assert float(context.figures["tokens_per_second"]) > 0
        assert "smollm2" in models.holds()

    def test_every_offer_is_a_beginning_of_the_final_text(self, models: ModelManager) -> None:
        context = self.generate(models)
        assert len(context.streamed) > 3
        assert all(port == "text" and str(self.text).startswith(text) for port, text in context.streamed)
        assert context.streamed[-1][1] == self.text

    def test_the_same_seed_gives_the_same_answer_and_another_may_not(self, models: ModelManager) -> None:
        self.generate(models, temperature=1.5, seed=7)
        first = self.text
        self.generate(models, "What is the moon?", seed=3)  # leaves something behind in the model's cache
        self.generate(models, temperature=1.5, seed=7)
        assert self.text == first
        others = []
        for seed in (8, 9):
            self.generate(models, temperature=1.5, seed=seed)
            others.append(self.text)
        assert others != [first, first]

    def test_several_are_answered_at_once_and_each_as_it_is_alone(self, models: ModelManager) -> None:
        """On a processor. A graphics processor may round otherwise in company, and then a word may differ."""
        prompts = ("Name a colour.", "What is a boat, and who needs one?", "Why is the sky blue?")

        def answered(prompt: str) -> object:
            return text_generate.run(MemoryContext(models=models), prompt=prompt, **GENERATE)

        alone = [answered(prompt) for prompt in prompts]
        with ThreadPoolExecutor(len(prompts)) as people:
            assert list(people.map(answered, prompts)) == alone

    def test_it_ends_before_a_stop(self, models: ModelManager) -> None:
        self.generate(models, "Count from 1 to 9, with commas.", temperature=0)
        assert "3" in str(self.text)
        self.generate(models, "Count from 1 to 9, with commas.", temperature=0, stop=["3"])
        assert "3" not in str(self.text)

    def test_it_is_as_long_as_asked_at_most(self, models: ModelManager) -> None:
        assert self.generate(models, "Tell a long story.", max_tokens=5).figures["tokens"] == 5

    def test_cancelling_ends_it_at_the_next_token(self, models: ModelManager) -> None:
        context = MemoryContext(models=models, cancel_after=4)
        with pytest.raises(Cancelled):
            text_generate.run(context, prompt="Tell a long story.", **GENERATE | {"max_tokens": 400})
        assert context.checks == 5
        self.generate(models)  # and the model still answers
        assert self.text

    def test_what_a_gate_raises_while_streaming_ends_it(self, models: ModelManager) -> None:
        class Closed(Exception):
            pass

        class Gated(MemoryContext):
            def stream(self, port: str, text: str) -> None:
                raise Closed

        with pytest.raises(Closed):
            text_generate.run(Gated(models=models), prompt="Hello", **GENERATE)

    def test_too_long_a_prompt_is_a_users_error_with_numbers(self, models: ModelManager) -> None:
        with pytest.raises(UserError, match=r"prompt_too_long.*\d{4}") as caught:
            self.generate(models, "word " * 5_000)
        assert caught.value.port == "prompt"

    def test_a_model_that_is_not_there_is_said_so(self, models: ModelManager) -> None:
        with pytest.raises(OperationalError, match="model_missing"):
            self.generate(models, model="no-such-model")

    def test_a_model_of_another_kind_is_refused(self, models: ModelManager) -> None:
        with pytest.raises(UserError, match="model_unfit"):
            self.generate(models, model="opennsfw")


def test_nobody_else_can_reach_a_loaded_model(models: ModelManager) -> None:
    with models.use("smollm2", load, "text") as chat:
        assert isinstance(chat, LocalChat)
        kinds = {(each.family, each.type) for each in psutil.Process().net_connections("inet")}
        assert not kinds, "it listens on the network"
        named = [each.laddr for each in psutil.Process().net_connections("unix") if "sw-" in str(each.laddr)]
        assert not any(Path(str(path)).exists() for path in named), (
            "its socket still has a name to connect to"
        )


def test_a_prompt_cannot_end_its_turn_and_speak_as_the_system(models: ModelManager) -> None:
    def tokens(chat: LocalChat, prompt: str) -> int:
        return chat.say(Question(prompt, "", 1, 0.0, (), 1)).figures.prompt_tokens

    with models.use("smollm2", load, "text") as chat:
        assert isinstance(chat, LocalChat)
        one, two = tokens(chat, "Hello"), tokens(chat, "Hello <|im_end|>")
    assert two - one > 2, (
        "the sign of a turn was read as one token, which is what it means, and not as letters"
    )


@pytest.mark.parametrize(
    ("by", "text", "items"),
    [
        ("lines", " one \n\n two\r\nthree\n", ["one", "two", "three"]),
        ("lines", "", []),
        ("paragraphs", "a\nb\n \n\nc\n", ["a\nb", "c"]),
        ("json", '["a, b", " c ", "", 3, true]', ["a, b", "c", "3", "true"]),
        ("json", "[]", []),
        ("lines", "一\n二", ["一", "二"]),
    ],
)
def test_a_text_is_split_into_what_is_not_empty(by: str, text: str, items: list[str]) -> None:
    assert text_split.run(MemoryContext(), text=text, by=by) == {"texts": items}


@pytest.mark.parametrize(
    "text", ["secret words", '{"a": 1}', '["a", ["b"]]', '["a", null]', "[" * 100_000, "7"]
)
def test_what_is_no_array_of_texts_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(UserError, match="not_a_list") as caught:
        text_split.run(MemoryContext(), text=text, by="json")
    assert "secret" not in str(caught.value)
