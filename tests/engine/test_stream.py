"""Streaming through a gate: what is let out early is a beginning of what the gate lets out in the end."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.dispatch.states import StepState
from runtime.engine.gate import Hit, Verdict, judge
from runtime.engine.streams import find_paths
from runtime.engine.window import HELD_BACK, Blocked, Window, points, safe_end
from runtime.errors import OperationalError
from runtime.events import EventKind
from runtime.labels import Sink
from runtime.plan import GateChain, Ref
from runtime.ports import TEXT
from runtime.safety.deliver import deliver
from runtime.safety.filters import Match, load_filters
from runtime.safety.policy import Action, FilterUse
from runtime.safety.redaction import MARK
from tests.engine.segments import REGISTRY, Bench, compiled
from tests.fixtures.runs import chain, drawing, stub_policy
from tests.packs_stub.filters import FORBIDDEN, SECRET, declare

LONG = "This is a sentence of a long and harmless story. " * 12


def judge_text(text: str) -> Verdict:
    """The stub chain, without an engine around it: secrets are taken out, forbidden words block."""
    clean = SECRET.sub(MARK, text)
    hits = [
        Hit("words", Action.BLOCK, Match("stub", 1.0, *found.span())) for found in FORBIDDEN.finditer(clean)
    ]
    return Verdict(clean, tuple(hits), tuple((hit.match.start, hit.match.end) for hit in hits))


def play(text: str, cuts: list[int]) -> tuple[list[str], bool]:
    """What is released when the text arrives up to each cut in turn, and whether a block ended it."""
    released: list[str] = []
    window = Window(judge_text, released.append)
    try:
        for cut in [*sorted(cuts), len(text)]:
            window.offer(text[:cut])
    except Blocked:
        return released, True
    return released, False


PIECES = st.one_of(
    st.sampled_from(["forbidden", "for", "bidden", "key-", "1234", "12345678", " ", ". ", "。", "禁", "语", "禁语", MARK, "■"]),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.sampled_from([LONG[:70], LONG[:200]]),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@given(TEXTS, st.lists(st.integers(0, 2_000), max_size=30))
def test_what_is_released_is_a_growing_beginning_of_the_filtered_text(text: str, cuts: list[int]) -> None:
    released, blocked = play(text, cuts)
    final = SECRET.sub(MARK, text)
    for shorter, longer in pairwise(released):
        assert longer.startswith(shorter) and len(longer) > len(shorter)
    if not blocked:
        assert all(final.startswith(piece) for piece in released)


@given(TEXTS, st.lists(st.integers(0, 2_000), max_size=30))
def test_what_is_released_does_not_depend_on_the_pieces_in_which_the_text_came(
    text: str, cuts: list[int]
) -> None:
    assert play(text, cuts) == play(text, []) == play(text, list(range(len(text))))


# Every length up to beyond the longest stride, so that points fall before, into and behind what follows.
FILLER = st.builds(
    lambda size, word: (word * 200)[:size], st.integers(0, 200), st.sampled_from(["ab ", "x", "so. "])
)


@given(FILLER, FILLER)
def test_no_part_of_a_blocked_word_is_ever_released(before: str, after: str) -> None:
    for word in ("forbidden", "禁语"):
        text = before + word + after
        released, _ = play(text, list(range(len(text))))
        assert all(len(piece) <= len(before) for piece in released)


@given(TEXTS)
def test_the_end_of_what_was_judged_is_held_back(text: str) -> None:
    window = Window(judge_text, lambda piece: None)
    judged = 0
    for point in points(text, 0):
        judged = point
        try:
            window.offer(text[:point])
        except Blocked:
            return
        assert len(window.released) <= max(0, len(SECRET.sub(MARK, text[:judged])) - HELD_BACK)


def test_points_depend_on_the_text_before_them_alone() -> None:
    text = "Short. " + "x" * 300 + ". And more text to come after it!"
    assert list(points(text, 0)) == [
        point for cut in range(len(text) + 1) for point in points(text[:cut], 0) if point == cut
    ]


def test_a_cut_never_falls_inside_a_match_or_a_mark() -> None:
    for size in range(HELD_BACK - 4, HELD_BACK + 4):
        text = "a" * 40 + MARK + "b" * size
        assert not 40 < safe_end(text, []) < 40 + len(MARK)
    assert safe_end("c" * (HELD_BACK + 136), [(100, 140), (90, 101)]) == 90


def test_what_is_held_back_is_counted_in_letters_and_digits() -> None:
    assert safe_end("x" * 300, []) == 172
    assert safe_end("x" * 172 + "y\u200b .-" * 128, []) == 172
    assert safe_end("-" * 300 + "x" * 127, []) == 0


def test_a_cut_falls_before_what_a_judge_recognised_below_its_threshold() -> None:
    """It meets no action yet; more text may raise it above."""
    released: list[str] = []
    doubtful = (100, 140)
    window = Window(lambda text: Verdict(text, (), (doubtful,) if len(text) > 140 else ()), released.append)
    for size in range(1, 400):
        window.offer("x" * size)
        assert not 100 < len(window.released) < 140
    assert len(window.released) > 140


def test_nothing_is_released_from_where_the_text_is_unsettled() -> None:
    released: list[str] = []
    window = Window(lambda text: Verdict(text, settled=50 if len(text) < 1_000 else None), released.append)
    window.offer("x" * 999)
    assert released[-1] == "x" * 50
    window.offer("x" * 2_000)
    assert len(released[-1]) > 1_000


def test_a_text_of_which_much_is_open_is_judged_as_it_grows_by_a_share_and_in_time_for_what_follows() -> None:
    for size in (1, 7, 5_000):
        judged: list[int] = []
        released: list[str] = []

        def judge_open(text: str, judged: list[int] = judged) -> Verdict:
            judged.append(len(text))
            return Verdict(text, settled=100 if len(text) < 20_000 else None)

        window = Window(judge_open, released.append)
        for end in range(size, 30_000 + size, size):
            window.offer(("x" * 30_000)[:end])
        assert sum(place for place in judged if place < 20_000) < 7 * 20_000
        first = next(place for place in judged if place >= 20_000)
        assert first < 20_000 * 1.2 and len(released[-1]) > 29_000
        assert judged[:12] == list(range(80, 1_040, 80))


# A pair of the real list at its widest: four words between its halves, and long ones.
WIDE = [
    "make incomprehensibilities uncharacteristically counterrevolutionary electroencephalographic bomb",
    "m.a.k.e incomprehensibilities uncharacteristically counterrevolutionary electroencephalographic b.o.m.b",
]


@pytest.mark.parametrize("blocked", WIDE)
def test_the_beginning_of_a_wide_pair_of_the_real_list_is_never_shown(bench: Bench, blocked: str) -> None:
    bench.filters = dict(load_filters(("runtime.packs.safety",)))
    inspector, words = bench.services().inspector, GateChain(("r",), (("safety.words", "block", 0.5, ()),))
    for place in range(0, 80, 5):
        before = "A calm day " * 30 + "x" * place + ". "
        window = Window(lambda text: judge(TEXT, text, words, inspector), lambda piece: None)
        text = before + blocked + ", and so on. " * 30
        with pytest.raises(Blocked):
            window.offer(text)
        assert 0 < len(window.released) <= len(before)


def test_a_judge_that_takes_back_what_it_let_out_closes_the_window() -> None:
    released: list[str] = []
    window = Window(lambda text: Verdict(text if len(text) < 200 else "y" + text[1:]), released.append)
    with pytest.raises(OperationalError) as caught:
        window.offer("x" * 400)
    assert caught.value.code == "gate_inconsistent"
    assert all(set(piece) == {"x"} for piece in released)


def test_a_word_that_ends_the_text_so_far_is_waited_for() -> None:
    """`forbidden` at the very end may be the beginning of a longer, harmless word."""
    pattern = re.compile(r"forbidden\b")

    def judge(text: str) -> Verdict:
        spans = [found.span() for found in pattern.finditer(text)]
        hits = tuple(Hit("words", Action.BLOCK, Match("stub", 1.0, *span)) for span in spans)
        return Verdict(text, hits, tuple(spans))

    released: list[str] = []
    window = Window(judge, released.append)
    window.offer("x" * 70 + " forbidden")
    window.offer("x" * 70 + " forbiddenness" + "y" * 200)
    assert released[-1].endswith("y")
    with pytest.raises(Blocked):
        Window(judge, released.append).offer("x" * 70 + " forbidden " + "y" * 200)


STREAM = chain(("s", "stream", {"piece": 7}))


def test_a_streamed_answer_leaves_in_pieces_that_carry_their_own_clearance(bench: Bench) -> None:
    told = bench.run(STREAM, text=LONG)
    texts = told.texts()
    assert len(texts) > 3 and told.results["answer"].data == LONG
    assert all(LONG.startswith(text) for text in texts)
    for name, step, value in told.partials:
        assert (name, step) == ("answer", "s")
        assert deliver(value, Sink.PERSON, bench.policy, lambda passed: passed.data) == value.data


def test_a_secret_is_taken_out_of_a_stream_before_it_is_seen(bench: Bench) -> None:
    text = LONG + "the key-123456 is here. " + LONG
    told = bench.run(STREAM, text=text)
    final = told.results["answer"].data
    assert MARK in final and "key-" not in final
    assert any(MARK in piece for piece in told.texts())
    assert all(final.startswith(piece) and "key-1" not in piece for piece in told.texts())


def test_a_block_stops_the_generation_and_nothing_more_is_released(bench: Bench, tmp_path: object) -> None:
    log = f"{tmp_path}/far"
    graph = chain(("s", "stream", {"piece": 7, "log": log}))
    text = LONG + "Now comes the forbidden part. " + LONG * 20
    told = bench.run(graph, text=text)
    assert told.states["s"] is told.states["out"] is StepState.WITHHELD
    assert not told.results
    assert all(len(piece) < len(LONG) + 20 and "forbid" not in piece for piece in told.texts())
    assert [event.kind for event in told.events] == [EventKind.GATE_FINDING]
    assert int(open(log).read()) < len(LONG) + 200  # noqa: SIM115 - read once


def test_a_filter_that_fails_in_the_middle_of_a_stream_lets_nothing_more_pass(bench: Bench) -> None:
    def breaks(data: object, services: object) -> list[Match]:
        if len(str(data)) > 300:
            raise RuntimeError("broken")
        return []

    bench.filters["stub.breaks"] = declare("breaks", breaks)
    bench.policy = stub_policy(FilterUse("stub.breaks", Action.BLOCK))
    told = bench.run(STREAM, text=LONG)
    error = told.record("s").error
    assert error is not None and error.code == "gate_unavailable"
    assert not told.results and all(len(piece) < 300 for piece in told.texts())


def test_a_final_verdict_that_contradicts_the_stream_fails_closed(bench: Bench) -> None:
    """The text that the node gives in the end is not the one that it streamed."""
    from runtime.nodes.base import NodeType
    from runtime.nodes.registry import Registry
    from tests.packs_stub import NODE_TYPES

    def two_faced(context: object, *, text: str, **params: object) -> dict[str, str]:
        context.stream("text", text)  # type: ignore[attr-defined]  # a Context
        return {"text": "something else"}

    stream = next(item for item in NODE_TYPES if item.spec.type == "stub.stream")
    rest = [item for item in NODE_TYPES if item is not stream]
    bench.registry = Registry([*rest, NodeType(stream.spec, two_faced)])
    told = bench.run(STREAM, text=LONG)
    gate = next(record for record in told.records if record.step.startswith("gate:"))
    assert gate.error is not None and gate.error.code == "gate_inconsistent"
    assert not told.results


def test_what_another_step_waits_for_is_written_to_its_end_though_one_gate_blocks_it(bench: Bench) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("s", "stream", {}), ("u", "upper", {}),
        ("one", "output", {"name": "one"}), ("two", "output", {"name": "two"}),
        edges="in.text>s.text s.text>one.text s.text>u.text u.text>two.text",
    )  # fmt: skip
    told = bench.run(graph, text=LONG + "forbidden. " + LONG)
    assert told.states["s"] is StepState.DONE
    assert told.states["one"] is StepState.WITHHELD
    assert all("forbid" not in piece for piece in told.texts())


@pytest.mark.parametrize(
    ("nodes", "edges", "streams"),
    [
        ((), "s.text>out.text", True),
        ((("u", "upper", {}),), "s.text>u.text u.text>out.text", False),
        ((("c", "choose", {}),), "s.text>c.value c.left>out.text", False),
        ((("j", "join", {}),), "s.text>j.texts j.text>out.text", False),
    ],
)
def test_a_port_streams_only_where_its_bytes_reach_a_result_unchanged(
    bench: Bench, nodes: tuple[tuple[str, str, dict[str, object]], ...], edges: str, streams: bool
) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("s", "stream", {}), *nodes, ("out", "output", {"name": "answer"}),
        edges=f"in.text>s.text {edges}",
    )  # fmt: skip
    paths = find_paths(compiled(graph, bench.policy), REGISTRY, Ref("s", "text"))
    assert bool(paths) is streams


def test_behind_a_filter_that_wants_the_finished_text_nothing_is_shown_before(bench: Bench) -> None:
    asked: list[str] = []

    def whole(data: Any, services: Any) -> list[Match]:
        asked.append(data)
        return []

    slow = declare("slow", whole)
    bench.filters["stub.slow"] = replace(slow, spec=replace(slow.spec, whole=True))
    bench.policy = stub_policy(FilterUse("stub.slow", Action.BLOCK))
    told = bench.run(chain(("s", "stream", {"piece": 7, "seconds": 0.0})), text=LONG)
    assert told.partials == []
    assert asked == [LONG.strip()] or asked == [LONG], "once, and not at every point of the stream"
    assert told.results["answer"].data == asked[0]
