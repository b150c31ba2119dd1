"""Which wires never both carry something: as every pair of them says, and without asking every pair about everything."""

import sys
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.compiler.compile import compile_graph
from runtime.compiler.passes.exclusive import all_apart
from runtime.safety.policy import default_policy
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY

PORTS = st.frozensets(st.sampled_from("abc"))
GUARDS = st.dictionaries(st.sampled_from(["n1", "n2", "n3"]), PORTS, max_size=3)


def apart(one: Any, other: Any) -> bool:
    if not all((*one.values(), *other.values())):
        return True
    return any(not one[node] & other[node] for node in one if node in other)


@given(st.lists(GUARDS, max_size=6))
@settings(max_examples=400, deadline=None)
def test_wires_are_apart_when_every_pair_is(guards: list[dict[str, frozenset[str]]]) -> None:
    assert all_apart(guards) == all(apart(one, other) for one, other in combinations(guards, 2))


def test_what_all_wires_have_in_common_is_not_compared_pair_by_pair() -> None:
    """A long row of choices before sixty-four ways that meet again kept the compiler busy for a minute."""

    def asked(length: int) -> int:
        row = [f"c{n}.value" for n in range(length)]
        ends = ["a.text", *(f"c{n}.then" for n in range(length))]
        nodes = [f"c{n}:control.if" for n in range(length)]
        edges = [f"{end}>{start}" for end, start in zip(ends, row, strict=False)]
        front, number = [ends[-1]], 0
        while len(front) < 64:
            grown = []
            for end in front:
                nodes.append(f"t{number}:control.if")
                edges.append(f"{end}>t{number}.value")
                grown += [f"t{number}.then", f"t{number}.otherwise"]
                number += 1
            front = grown
        edges += [f"{end}>o.text" for end in front]
        graph = draw(f"a:in.text {' '.join(nodes)} o:out.text", " ".join(edges))
        counted = 0

        def count(_frame: object, event: str, called: Any) -> None:
            nonlocal counted
            counted += event == "c_call" and called.__name__ == "isdisjoint"

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            assert compile_graph(graph, default_policy(), REGISTRY).plan is not None
        finally:
            sys.setprofile(before)
        return counted

    assert asked(40) < asked(4) + 100
