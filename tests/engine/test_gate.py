"""Gates: what passes, what is taken out, what is withheld, and that every fault of a filter lets nothing pass."""

import logging
from dataclasses import replace

import pytest

from runtime.dispatch.states import StepState
from runtime.engine.gate import judge
from runtime.events import EventKind
from runtime.plan import GateChain
from runtime.ports import JSON, TEXT, Kind, PortType
from runtime.safety.filters import Match
from runtime.safety.policy import Action, FilterUse
from runtime.safety.redaction import MARK
from tests.engine.segments import Bench
from tests.fixtures.runs import chain, drawing, stub_policy
from tests.packs_stub.filters import declare

PLAIN = chain(("a", "echo", {}))
BROKEN = [
    "raises", "exits", "late", "nan", "infinite", "negative", "bad_span", "half_span", "open_inside", "open_nowhere",
    "nothing", "strings", "stranger",
]  # fmt: skip


def use(name: str, action: Action = Action.BLOCK, threshold: float = 0.5, *categories: str) -> FilterUse:
    return FilterUse(f"stub.{name}", action, threshold, categories)


def test_clean_text_passes_unchanged_and_cleared_for_these_bytes_under_this_policy(bench: Bench) -> None:
    value = bench.run(PLAIN, text="clean").results["answer"]
    assert value.data == "clean"
    assert {(c.rule, c.digest, c.policy) for c in value.clearances} == {
        ("person-text", value.digest, bench.policy.digest)
    }


def test_a_redactor_takes_its_matches_out_and_says_so_without_quoting_them(bench: Bench) -> None:
    told = bench.run(PLAIN, text="my key-12345 is")
    assert told.results["answer"].data == f"my {MARK} is"
    (finding,) = told.events
    assert finding.kind is EventKind.GATE_FINDING
    assert finding.data["action"] == "redact" and finding.data["filter"] == "stub.secrets"
    assert finding.data["rule"] == "person-text" and finding.data["category"] == "stub"
    assert set(finding.data["message"]) == {"en", "zh"}
    assert "12345" not in str(finding.data)


def test_a_block_withholds_the_text_and_everything_behind_it(bench: Bench) -> None:
    told = bench.run(PLAIN, text="a forbidden word")
    assert told.states["out"] is StepState.WITHHELD
    assert not told.results
    assert [event.data["action"] for event in told.events] == ["block"]


def test_a_block_in_chinese_is_a_block(bench: Bench) -> None:
    assert not bench.run(PLAIN, text="这是禁语。").results


def test_until_there_is_a_review_queue_a_hold_withholds_like_a_block(bench: Bench) -> None:
    bench.policy = stub_policy(use("words", Action.HOLD))
    told = bench.run(PLAIN, text="a forbidden word")
    assert not told.results
    assert [event.data["action"] for event in told.events] == ["hold"]


def test_judges_see_the_text_as_it_came_and_as_it_would_be_delivered(bench: Bench) -> None:
    seen: list[object] = []

    def spy(data: object, services: object) -> list[Match]:
        seen.append(data)
        return []

    bench.filters["stub.spy"] = declare("spy", spy)
    bench.policy = stub_policy(use("spy"), use("secrets", Action.REDACT))
    bench.run(PLAIN, text="my key-12345 is")
    assert seen == ["my key-12345 is", f"my {MARK} is"]
    seen.clear()
    bench.run(PLAIN, text="nothing is taken out")
    assert seen == ["nothing is taken out"], "a second look costs only where something is taken out"


def test_a_match_below_the_threshold_meets_no_action(bench: Bench) -> None:
    bench.policy = stub_policy(use("weak", Action.BLOCK, 0.21))
    assert bench.run(PLAIN, text="forbidden").results
    bench.policy = stub_policy(use("weak", Action.BLOCK, 0.2))
    assert not bench.run(PLAIN, text="forbidden").results


def test_only_the_named_categories_meet_the_action(bench: Bench) -> None:
    bench.policy = stub_policy(use("words", Action.BLOCK, 0.5, "another"))
    assert bench.run(PLAIN, text="forbidden").results
    bench.policy = stub_policy(use("words", Action.BLOCK, 0.5, "stub"))
    assert not bench.run(PLAIN, text="forbidden").results


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("action", [Action.BLOCK, Action.REDACT, Action.HOLD])
def test_a_filter_that_fails_or_talks_nonsense_lets_nothing_pass(
    bench: Bench, name: str, action: Action
) -> None:
    bench.policy = stub_policy(use(name, action))
    told = bench.run(PLAIN, text="perfectly clean")
    gate = next(record for record in told.records if record.step.startswith("gate:"))
    assert gate.state is StepState.FAILED and gate.error is not None
    assert gate.error.code == "gate_unavailable"
    assert not gate.outputs and not told.results and not told.partials
    assert "out" not in told.states


def test_a_filter_that_is_not_installed_lets_nothing_pass(bench: Bench) -> None:
    bench.policy = stub_policy(use("nowhere"))
    assert not bench.run(PLAIN, text="clean").results


def test_a_filter_that_cannot_read_the_medium_lets_nothing_pass(bench: Bench) -> None:
    bench.filters["stub.words"] = declare("words", lambda data, services: [], Kind.IMAGE)
    bench.policy = stub_policy(use("words"))
    assert not bench.run(PLAIN, text="clean").results


def test_a_filter_that_hangs_lets_nothing_pass_and_marks_its_process(bench: Bench) -> None:
    bench.policy, bench.deadline = stub_policy(use("hangs")), 0.2
    services = bench.services()
    bench.services = lambda: services  # type: ignore[method-assign]  # the same one, to look at it afterwards
    told = bench.run(PLAIN, text="clean")
    assert not told.results
    assert services.inspector.hung


def test_the_fault_of_a_filter_is_logged_without_the_text_that_it_saw(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.policy = stub_policy(use("raises"))
    with caplog.at_level(logging.DEBUG):
        bench.run(PLAIN, text="CANARY-7261")
    assert "RuntimeError" in caplog.text and "CANARY-7261" not in caplog.text


def test_a_prompt_that_is_blocked_never_reaches_the_model(bench: Bench) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("m", "ask", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>m.prompt m.text>out.text",
    )  # fmt: skip
    told = bench.run(graph, text="a forbidden order")
    assert "m" not in told.begun
    assert told.states["m"] is told.states["out"] is StepState.WITHHELD


@pytest.fixture
def words_chain() -> GateChain:
    return GateChain(("rule",), (("stub.words", "block", 0.5, ()), ("stub.secrets", "redact", 0.5, ())))


def test_a_list_passes_only_when_all_its_items_do(bench: Bench, words_chain: GateChain) -> None:
    texts = PortType(Kind.TEXT, many=True)
    inspector = bench.services().inspector
    verdict = judge(texts, ["one key-1234", "two"], words_chain, inspector)
    assert verdict.passes and verdict.data == [f"one {MARK}", "two"]
    assert not judge(texts, ["one", "forbidden"], words_chain, inspector).passes


def test_a_structure_is_read_as_text_and_withheld_where_a_text_would_be_redacted(
    bench: Bench, words_chain: GateChain
) -> None:
    inspector = bench.services().inspector
    assert judge(JSON, {"a": ["clean"]}, words_chain, inspector).passes
    assert not judge(JSON, {"a": ["forbidden"]}, words_chain, inspector).passes
    assert not judge(JSON, {"key-1234": 1}, words_chain, inspector).passes
    assert judge(JSON, "my key-1234", words_chain, inspector).data == f"my {MARK}"


def taken_out(bench: Bench, text: str, *spans: tuple[int | None, int | None]) -> object:
    """What is left of the text where a redactor finds these spans in it, and nothing in what is left."""

    def check(data: object, services: object) -> list[Match]:
        return [Match("stub", 1.0, *span) for span in spans] if data == text else []

    bench.filters["stub.found"] = declare("found", check)
    chain = GateChain(("rule",), (("stub.found", "redact", 0.5, ()),))
    return judge(TEXT, text, chain, bench.services().inspector).data


def test_matches_that_overlap_are_taken_out_once(bench: Bench) -> None:
    assert taken_out(bench, "0123456789", (2, 5), (4, 6), (6, 7), (9, 10)) == f"01{MARK}78{MARK}"


def test_a_match_without_a_place_takes_the_whole_text_out(bench: Bench) -> None:
    assert taken_out(bench, "all of it", (None, None)) == MARK
    assert taken_out(bench, "", (None, None)) == ""


def test_what_comes_to_light_anew_each_time_cannot_be_taken_out_and_is_blocked(bench: Bench) -> None:
    def always(data: object, services: object) -> list[Match]:
        return [Match("stub", 1.0, 0, 1)]

    bench.filters["stub.always"] = declare("always", always)
    chain = GateChain(("rule",), (("stub.always", "redact", 0.5, ()),))
    assert judge(TEXT, "abc", chain, bench.services().inspector).blocks


def test_what_is_open_is_no_match_but_says_from_where_the_text_is_unsettled(
    bench: Bench, words_chain: GateChain
) -> None:
    def begun(data: object, services: object) -> list[Match]:
        assert isinstance(data, str)
        return [Match("stub", 0.1, 11, len(data), open=True)] if data.endswith("…") else []

    bench.filters["stub.begun"] = declare("begun", begun)
    for action in ("block", "hold", "redact"):
        chain = (("stub.begun", action, 0.5, ()),)
        verdict = judge(TEXT, "perfectly clean…", GateChain(("rule",), chain), bench.services().inspector)
        assert verdict.passes and not verdict.hits and not verdict.spans
        assert (verdict.data, verdict.settled) == ("perfectly clean…", 11)
        assert judge(TEXT, "clean", words_chain, bench.services().inspector).settled is None


@pytest.mark.parametrize(
    ("text", "place", "settled"),
    [
        ("key-12345678 is open…", 16, "■■■ is "),
        ("it is open… key-1234…", 6, "it is "),
        ("so key-12345678…", 8, "so "),
    ],
)
def test_the_unsettled_place_moves_with_what_a_later_redactor_takes_out(
    bench: Bench, text: str, place: int, settled: str
) -> None:
    def begun(data: object, services: object) -> list[Match]:
        return [Match("stub", 1.0, place, len(text), open=True)] if data == text else []

    bench.filters["stub.begun"] = declare("begun", begun)
    chain = (("stub.begun", "redact", 0.5, ()), ("stub.secrets", "redact", 0.5, ()))
    verdict = judge(TEXT, text, GateChain(("rule",), chain), bench.services().inspector)
    assert isinstance(verdict.data, str) and MARK in verdict.data
    assert verdict.data[: verdict.settled] == settled


def test_the_verdict_on_a_text_is_the_same_whatever_the_order_of_the_chain(
    bench: Bench, words_chain: GateChain
) -> None:
    inspector = bench.services().inspector
    turned = replace(words_chain, chain=words_chain.chain[::-1])
    for text in ("clean", "my key-1234", "forbidden key-1234"):
        assert judge(TEXT, text, words_chain, inspector) == judge(TEXT, text, turned, inspector)
