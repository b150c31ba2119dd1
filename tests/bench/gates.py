"""gates: the structural promise on random graphs, what gates cost and recognise; asked for, mutants and hostile streams.

Two promises that are never mixed: what is proven has bars of nothing at all, and stands first; what filters recognise is a
share on named corpora, and stands last.
"""

import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runtime.compiler.compile import NOTHING, compile_graph
from runtime.graph.calls import Library
from runtime.graph.model import Graph
from runtime.safety.verify import verify
from tests.bench import detection
from tests.bench.figures import Figure
from tests.compiler.nodes import REGISTRY
from tests.compiler.random_graphs import graphs as random_graphs
from tests.compiler.random_graphs import nested
from tests.safety.canary import escaped
from tests.safety.pool import CROWDED, LABELLED, PLAIN

GRAPHS = 10_000
EXAMPLES = 400  # for each mutant of the compiler
BAR_UNFILTERED_PATHS = 0.0
BAR_SURVIVORS = 0.0
BAR_UNRELEASED_BYTES = 0.0
RECOGNISED = "what filters recognise is another matter: manage.py bench detection"


def measure(mutants: bool = False, stream: int = 0, graphs: int = 0) -> Sequence[Figure]:
    """All but mutants and streams; when parts are asked for, those alone."""
    # One core, as the bars are meant; whoever reads figures does not want to read what broken filters log.
    os.environ["SLUICEWAY_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):  # else threads that take turns are moved about
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    logging.disable(logging.ERROR)
    try:
        whole = not (mutants or stream or graphs)
        # Measured first, shown later: ten thousand graphs leave a heap in which all that follows takes longer.
        costs = _costs() if whole else ()
        parts = [*(_mutants() if mutants else ()), *(_streams(stream) if stream else ())]
        if graphs or not parts:
            parts += _random_graphs(graphs or GRAPHS)
        if whole:
            parts += [*costs, *detection.measure()]
    finally:
        logging.disable(logging.NOTSET)
    return parts


def _random_graphs(count: int) -> list[Figure]:
    policies = (PLAIN, CROWDED, LABELLED)
    counts = {"graphs": 0, "plans": 0, "nested": 0, "partial": 0, "gates": 0, "verify": 0, "canary": 0}
    begun = time.perf_counter()

    def compiled(graph: Graph, library: Library) -> None:
        """Every third as a partial run, up to one of its nodes."""
        number = counts["graphs"]
        counts["graphs"] += 1
        policy = policies[number % len(policies)]
        to = graph.nodes[number % len(graph.nodes)].id if number % 3 == 0 else None
        plan = compile_graph(graph, policy, REGISTRY, to=to, library=library).plan
        if plan is not None:
            counts["plans"] += 1
            counts["nested"] += any("/" in step.id for step in plan.steps)
            counts["partial"] += to is not None
            counts["gates"] += sum(1 for step in plan.steps if step.gate)
            counts["verify"] += len(verify(plan, policy, REGISTRY))
            counts["canary"] += len(escaped(plan, policy, REGISTRY))

    @given(st.one_of(random_graphs(REGISTRY).map(lambda graph: (graph, NOTHING)), nested(REGISTRY)))
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def look(drawn: tuple[Graph, Library]) -> None:
        compiled(*drawn)

    look()
    return [
        Figure("graphs", counts["graphs"], "graphs"),
        Figure("plans", counts["plans"], "plans"),
        Figure("plans_with_calls", counts["nested"], "plans"),
        Figure("plans_of_partial_runs", counts["partial"], "plans"),
        Figure("gates_inserted", counts["gates"], "gates"),
        Figure("unfiltered_paths_by_verify", counts["verify"], "paths", BAR_UNFILTERED_PATHS),
        Figure("unfiltered_paths_by_canary", counts["canary"], "paths", BAR_UNFILTERED_PATHS),
        Figure("seconds", time.perf_counter() - begun, "s", note=RECOGNISED),
    ]


def _costs() -> Sequence[Figure]:
    from tests.safety import costs

    with tempfile.TemporaryDirectory() as folder:
        return costs.figures(Path(folder))


def _mutants() -> Sequence[Figure]:
    from tests.safety.mutants import hunt
    from tests.safety.mutants.mutant import Trial

    trials = hunt.every_trial(EXAMPLES)

    def said(trial: Trial) -> str:
        seen = ", ".join(f"{name} at {count}" for name, count in trial.caught.items()) or "nobody"
        cannot = "".join(f"; not {name}: {why}" for name, why in trial.mutant.blind.items())
        verdict = f"SURVIVED, {trial.problem}. " if trial.problem else ""
        return f"{verdict}{trial.mutant.breaks} Seen by {seen}{cannot}"

    rows = [
        Figure(f"{trial.mutant.part}: {trial.mutant.name}", trial.alive or 0, "examples", note=said(trial))
        for trial in trials
    ]
    counts = Counter(trial.mutant.part for trial in trials)
    return [
        *rows,
        *(Figure(f"mutants_of_{part}", count, "mutants") for part, count in counts.items()),
        Figure(
            "survivors", sum(t.problem is not None for t in trials), "mutants", BAR_SURVIVORS, note=RECOGNISED
        ),
    ]


def _streams(count: int) -> Sequence[Figure]:
    from tests.safety.wire import read_hostile_streams

    tally = read_hostile_streams(count)
    return [
        Figure("streams", tally.streams, "streams"),
        Figure("frames_with_text", tally.frames, "frames"),
        Figure("bytes_read", tally.read, "bytes"),
        Figure("unreleased_bytes", tally.unreleased, "bytes", BAR_UNRELEASED_BYTES),
        # Among them runs that neither succeeded nor were blocked: of these nothing was proven.
        Figure("streams_to_look_at", len(tally.odd), "streams", 0.0),
    ]
