"""batch: what it brings to serve several people with one call of a model, against the bare library in the same process.

Pictures by the starter and by a tiny network with random weights (`batch_models`, which on a machine with a graphics processor
takes the large shapes besides), texts by the default language model. One figure is a promise: a single request takes at most
2 % longer than the library itself. The rest is what the machine gives; ratios are to the library's one call after another.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from runtime.models import llama
from runtime.models.at_once import at_once
from runtime.models.batching import Meeting
from runtime.models.chat import Question
from tests.bench import batch_models
from tests.bench.figures import Figure
from tests.models.cache import real_models

PEOPLE = (1, 2, 4, 8, 16)
ROUNDS = 15
BAR = 1.02
PROMPTS = ("What is a lion?", "Tell me about the sea.", "How do I cook rice?", "Why is the sky blue?")
TOKENS = 32
HOURS = 3_600.0


def measure() -> Sequence[Figure]:
    shapes = ["starter", "tiny"]
    if batch_models.torch.cuda.is_available():
        shapes += ["sd15", "sdxl"]
    figures = [figure for shape in shapes for figure in _pictures(shape)]
    return [*figures, *_texts()]


def _pictures(shape: str) -> Iterator[Figure]:
    report = batch_models.measure(shape, PEOPLE, time.monotonic() + HOURS, ROUNDS, at_once())
    name = f"image.{shape}"
    single = report["single"]
    yield Figure(
        f"{name}.single",
        single["median_ratio"],
        "x",
        BAR,
        note=f"of {single['bare_seconds']} s by the library",
    )
    yield Figure(f"{name}.away.largest", report["away"].get("largest", 0.0), "shades", note="of 255")
    yield Figure(f"{name}.away.mean", report["away"].get("mean", 0.0), "shades")
    for row in report["rows"]:
        here = f"{name}.{row['people']}"
        yield Figure(f"{here}.throughput_on", row["throughput_on"], "x", note=f"calls for {row['calls']}")
        yield Figure(f"{here}.throughput_off", row["throughput_off"], "x")
        yield Figure(f"{here}.latency_last", row["latency_last"], "x", note="batched over not batched")
        yield Figure(f"{here}.latency_median", row["latency_median"], "x")


def _texts() -> Iterator[Figure]:
    folder = real_models().home_of("smollm2")
    with _variable("SLUICEWAY_AT_ONCE", "1"):
        alone = llama.load(folder)
    beside = llama.load(folder)
    asked = [_question(number) for number in range(max(PEOPLE))]
    bare = _bare(alone, asked[:1])  # whatever is made at the first call only
    _at_once(beside, asked[:1])
    ratios = []
    for _ in range(ROUNDS):
        bare = _spent(lambda: _bare(alone, asked[:1]))
        ratios.append(_spent(lambda: _at_once(beside, asked[:1])) / bare)
    yield Figure("text.single", statistics.median(ratios), "x", BAR, note=f"of {bare:.3g} s by the library")
    wanted = [alone.say(question).text for question in asked]
    for people in PEOPLE:
        rounds = [
            (_bare(alone, asked[:people]), _at_once(alone, asked[:people]), _at_once(beside, asked[:people]))
            for _ in range(2 if people <= batch_models.FEW else 1)
        ]
        bare = min(one[0] for one in rounds)
        off = min((one[1][0] for one in rounds), key=max)
        on, texts = min((one[2] for one in rounds), key=lambda one: max(one[0]))
        yield Figure(f"text.{people}.throughput_on", bare / max(on), "x")
        yield Figure(f"text.{people}.throughput_off", bare / max(off), "x")
        yield Figure(f"text.{people}.latency_last", max(on) / max(off), "x", note="batched over not batched")
        yield Figure(f"text.{people}.latency_median", statistics.median(on) / statistics.median(off), "x")
        same = sum(text == other for text, other in zip(texts, wanted, strict=False))
        yield Figure(f"text.{people}.same", same, "texts", note=f"of {people}, letter by letter")


def _spent(work: Callable[[], object]) -> float:
    """Seconds of the processor, which others use as well."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _question(number: int) -> Question:
    return Question(PROMPTS[number % len(PROMPTS)], "", TOKENS, 0.2, (), number)


def _bare(chat: llama.LocalChat, asked: Sequence[Question]) -> float:
    """Seconds of the library itself, one answer after another."""
    began = time.perf_counter()
    for question in asked:
        chat._server.handle_chat_completions(json.dumps(llama._body(question)), lambda chunk: False)
    return time.perf_counter() - began


def _at_once(chat: llama.LocalChat, asked: Sequence[Question]) -> tuple[list[float], list[str]]:
    """Everybody asks at once: seconds until each has the answer, and the answers."""
    meeting = Meeting(len(asked))
    waited, texts = [0.0] * len(asked), [""] * len(asked)
    began = time.perf_counter()

    def ask(number: int) -> None:
        written: list[str] = []

        def nothing() -> None:
            pass

        def hear(back: Callable[[], object]) -> Callable[[str], None]:
            def one(piece: str) -> None:
                with back():  # type: ignore[attr-defined]  # what a meeting gives
                    written.append(piece)

            return one

        with meeting.turn(nothing), meeting.aside(nothing) as back:
            chat.answer(asked[number], hear(back))
        waited[number], texts[number] = time.perf_counter() - began, "".join(written)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waited, texts


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
