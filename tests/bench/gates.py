"""gates: the structural promise on 10,000 random graphs, by two oracles that share no code with the compiler."""

import time
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, settings

from runtime.compiler.compile import compile_graph
from runtime.graph.model import Graph
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.bench.figures import Figure
from tests.compiler.nodes import REGISTRY
from tests.compiler.random_graphs import graphs
from tests.safety.canary import escaped

GRAPHS = 10_000
BAR_UNFILTERED_PATHS = 0.0


def measure() -> Sequence[Figure]:
    policy = default_policy()
    counts = {"graphs": 0, "plans": 0, "gates": 0, "verify": 0, "canary": 0}
    begun = time.perf_counter()

    @given(graphs(REGISTRY))
    @settings(
        max_examples=GRAPHS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def look(graph: Graph) -> None:
        counts["graphs"] += 1
        plan = compile_graph(graph, policy, REGISTRY).plan
        if plan is not None:
            counts["plans"] += 1
            counts["gates"] += sum(1 for step in plan.steps if step.gate)
            counts["verify"] += len(verify(plan, policy, REGISTRY))
            counts["canary"] += len(escaped(plan, policy, REGISTRY))

    look()
    return [
        Figure("graphs", counts["graphs"], "graphs"),
        Figure("plans", counts["plans"], "plans"),
        Figure("gates_inserted", counts["gates"], "gates"),
        Figure("unfiltered_paths_by_verify", counts["verify"], "paths", BAR_UNFILTERED_PATHS),
        Figure("unfiltered_paths_by_canary", counts["canary"], "paths", BAR_UNFILTERED_PATHS),
        Figure("seconds", time.perf_counter() - begun, "s"),
    ]
