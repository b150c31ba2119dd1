"""compile: how long a graph takes from JSON to a verified plan, in a row and side by side."""

import time
from collections.abc import Sequence
from typing import Any

from runtime.compiler.compile import compile_graph
from runtime.graph.parse import parse_graph
from runtime.nodes.registry import load_registry
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.bench.figures import Figure

# Of processor time: what else the machine does is no matter of the compiler's.
BAR_LARGEST_MS = 100.0
SIZES = (10, 100, 1_000)
REPEATS = 15


def measure() -> Sequence[Figure]:
    figures = []
    for size in SIZES:
        for name, shape in (("row", _row), ("side_by_side", _side_by_side)):
            figures += _figures(f"{name}_{size}_nodes", shape(size), size == max(SIZES))
    # Without a bar: each of its nodes is told something by a setting, which is a step more.
    return [*figures, *_figures(f"told_{max(SIZES)}_nodes", _row(max(SIZES), system="Be brief."), False)]


def _figures(name: str, raw: dict[str, Any], is_largest: bool) -> list[Figure]:
    """Compiling alone, to which the bar belongs, and all from JSON on: the best, for the others measure the machine."""
    took = [_once(raw) for _ in range(REPEATS)]
    bar = BAR_LARGEST_MS if is_largest else None
    return [
        Figure(name, min(compiling for compiling, _ in took) * 1_000, "ms", bar),
        Figure(f"{name}_verified", min(whole for _, whole in took) * 1_000, "ms"),
    ]


def _once(raw: dict[str, Any]) -> tuple[float, float]:
    """Seconds of compiling, and of parsing, compiling and verifying."""
    registry, policy = load_registry(), default_policy()
    begun = time.process_time()
    graph, issues = parse_graph(raw)
    if graph is None:
        raise ValueError(f"the benchmark's graph does not parse: {issues[0].message.en}")
    parsed = time.process_time()
    compiled = compile_graph(graph, policy, registry)
    made = time.process_time()
    if compiled.plan is None or verify(compiled.plan, policy, registry):
        raise ValueError(f"the benchmark's graph does not compile: {compiled.issues[:1]}")
    return made - parsed, time.process_time() - begun


def _node(node: str, type_name: str, **params: object) -> dict[str, Any]:
    return {"id": node, "type": type_name, "version": 1, "params": params}


def _edge(number: int, source: tuple[str, str], target: tuple[str, str]) -> dict[str, Any]:
    ends = [{"node": node, "port": port} for node, port in (source, target)]
    return {"id": f"e{number}", "source": ends[0], "target": ends[1]}


def _ends() -> list[dict[str, Any]]:
    return [_node("q", "input.text", name="question"), _node("a", "output.text", name="answer")]


def _row(size: int, **told: str) -> dict[str, Any]:
    """Models one after the other, each told what the one before said."""
    middle = [f"m{i}" for i in range(size - 2)]
    nodes = [*_ends(), *(_node(name, "text.generate", **told) for name in middle)]
    chain = [("q", "text"), *((name, "text") for name in middle)]
    targets = [*((name, "prompt") for name in middle), ("a", "text")]
    edges = [_edge(i, source, target) for i, (source, target) in enumerate(zip(chain, targets, strict=True))]
    return {"format": 1, "nodes": nodes, "edges": edges}


def _side_by_side(size: int) -> dict[str, Any]:
    """Models all asked the same, their answers joined."""
    middle = [f"m{i}" for i in range(size - 3)]
    nodes = [*_ends(), _node("j", "text.join"), *(_node(name, "text.generate") for name in middle)]
    pairs = [(("q", "text"), (name, "prompt")) for name in middle]
    pairs += [((name, "text"), ("j", "texts")) for name in middle]
    pairs.append((("j", "text"), ("a", "text")))
    edges = [_edge(i, source, target) for i, (source, target) in enumerate(pairs)]
    return {"format": 1, "nodes": nodes, "edges": edges}
