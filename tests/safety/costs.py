"""Costs: what gates cost, from compiling them to passing one, against the bars that the project promises."""

import base64
import gc
import io
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runtime.assets.disk import DiskStore
from runtime.compiler.compile import compile_graph
from runtime.engine.gate import judge
from runtime.engine.inspection import Inspector
from runtime.engine.lookup import is_cleared
from runtime.engine.readings import MOST_TEXTS
from runtime.graph.model import Edge, Endpoint, Graph, Node
from runtime.labels import Clearance, Sink, Source
from runtime.models.manager import ModelManager
from runtime.nodes.registry import load_registry
from runtime.packs.safety.looks import looks
from runtime.packs.safety.views import read
from runtime.plan import GateChain
from runtime.ports import IMAGE, TEXT, Kind, PortType
from runtime.safety.filters import load_filters
from runtime.safety.policy import default_policy, merge_chains
from runtime.safety.verify import verify
from runtime.values import AssetRef, Json, Value
from tests.bench.compile import _edge, _ends, _node, _row, _side_by_side
from tests.bench.figures import Figure
from tests.models.cache import real_models

BAR_COMPILE_MS = {1_000: 100.0, 10_000: 1_500.0}
BAR_EXPONENT = 1.2  # 1 is linear; what the machine does meanwhile makes up the rest
BAR_TEXT_MS_PER_KB = 3.0
BAR_IMAGE_MS = 120.0
# Of larger ones each pixel has to be decoded; no bar was promised for them.
PICTURES = ((512, 512, BAR_IMAGE_MS), (1024, 1024, BAR_IMAGE_MS), (2048, 2048, None), (3000, 2000, None))
BAR_LOOK_UP_MS = 0.1
BAR_LIST_S = 3.0
REPEATS = 5
ENOUGH = 1.5  # seconds of work: the shorter it is, the more a best one takes
PROSE = (
    "The harbour lies quiet in the early light, and the boats come in one by one with the night's catch. ",
    "清晨的港口很安静，渔船一艘接一艘地归来，岸边的人们已经开始忙碌。",
    "Call me at noon, said the letter of 14 May 2021, and bring 12 boxes (size 40 x 60) if you can. ",
)


def compiling() -> list[Figure]:
    """Largest of three shapes, best of five. Graphs are built here: `parse_graph` takes no more than 1,000 nodes."""
    took = {
        (size, name): _best(_compiler(shape(size)))
        for size in BAR_COMPILE_MS
        for name, shape in SHAPES.items()
    }
    growth = {name: math.log10(took[10_000, name] / took[1_000, name]) for name in SHAPES}
    figures = []
    for size, bar in BAR_COMPILE_MS.items():
        slowest = max(SHAPES, key=lambda name: took[size, name])
        figures.append(
            Figure(f"compile_{size}_nodes", took[size, slowest], "ms", bar, note=f"slowest: {slowest}")
        )
    worst = max(SHAPES, key=lambda name: growth[name])
    return [*figures, Figure("compile_growth", growth[worst], "exponent", BAR_EXPONENT, note=worst)]


def filtering(folder: Path) -> list[Figure]:
    """The built-in chains on harmless material, in this thread, models loaded before."""
    assets = DiskStore(folder)
    inspector = Inspector(load_filters(), assets, ModelManager(real_models()), lambda: None, deadline=120.0)
    rows = []
    for sink in (Sink.PERSON, Sink.MODEL):
        chain = _chain(sink, Kind.TEXT, inspector, with_models=False)
        for kilobytes in (1, 16):
            text = _prose(kilobytes * 1024)

            def work(text: str = text, chain: GateChain = chain) -> None:
                _unseen(text, chain, inspector)

            key, names = f"text_for_{sink}_{kilobytes}_KB", _names(chain)
            rows.append(Figure(key, _best(work) / kilobytes, "ms/KB", BAR_TEXT_MS_PER_KB, note=names))
            rows.append(
                Figure(f"{key}_cold", _cold(work) / kilobytes, "ms/KB", note="after other work each time")
            )
    rows += [*_encoded(inspector), *_listed(inspector)]
    chain = _chain(Sink.PERSON, Kind.IMAGE, inspector, with_models=True)
    for width, height, bar in PICTURES:
        ref = _picture(assets, width, height)
        judge(IMAGE, ref, chain, inspector)  # loads the model
        taken = _best(lambda ref=ref: judge(IMAGE, ref, chain, inspector))
        rows.append(Figure(f"image_{width}_x_{height}_pixels", taken, "ms", bar, note=_names(chain)))
    return [*rows, _look_up(ref, chain)]


def _unseen(text: str, chain: GateChain, inspector: Inspector) -> None:
    """Judge a text as if for the first time: the filters of a process remember how the last ones are to be read."""
    looks.cache_clear()
    read.cache_clear()
    judge(TEXT, text, chain, inspector)


def _encoded(inspector: Inspector) -> list[Figure]:
    """Text that is nothing but base64: decoded in time that grows with its length, until the deadline refuses it."""
    chain = _chain(Sink.PERSON, Kind.TEXT, inspector, with_models=False)
    took = {}
    for kilobytes in (16, 64):
        text = base64.b64encode(random.Random(3).randbytes(kilobytes * 768)).decode()
        once = min(_once(lambda text=text: _unseen(text, chain, inspector)) for _ in range(2))
        took[kilobytes] = once * 1_000
    growth = math.log(took[64] / took[16], 4)
    return [
        Figure("text_in_base64_64_KB", took[64] / 64, "ms/KB"),
        Figure("text_in_base64_growth", growth, "exponent", BAR_EXPONENT),
    ]


def _listed(inspector: Inspector) -> list[Figure]:
    """The longest list that is judged, of short lines: what stands in two or three of them together looks encoded."""
    chain = _chain(Sink.PERSON, Kind.TEXT, inspector, with_models=False)
    chance, words = random.Random(3), PROSE[0].replace(",", "").split()
    lists: dict[str, list[Json]] = {
        "a_letter_and_a_number": [f"a{number}" for number in range(MOST_TEXTS)],
        "three_words_and_a_number": [
            " ".join([*chance.choices(words, k=3), str(number)]) for number in range(MOST_TEXTS)
        ],
    }
    texts = PortType(Kind.TEXT, many=True)
    return [
        Figure(
            f"list_of_{MOST_TEXTS}_lines_{name}",
            min(_once(lambda items=items: judge(texts, items, chain, inspector)) for _ in range(3)),
            "s",
            BAR_LIST_S,
            note="longer lists are refused",
        )
        for name, items in lists.items()
    ]


def _look_up(ref: AssetRef, chain: GateChain) -> Figure:
    """The same picture once it has its clearances: what the gate then does instead of all the above."""
    policy = default_policy()
    kept = frozenset(Clearance(ref.sha256, rule, policy.digest) for rule in chain.rules)
    value = Value(IMAGE, ref, frozenset({Source.UPLOAD}), kept)
    if not is_cleared(value, chain, policy):
        raise ValueError("the benchmark's picture is not cleared")
    taken = _best(lambda: [is_cleared(value, chain, policy) for _ in range(1_000)]) / 1_000
    return Figure(
        "image_cleared_before", taken, "ms", BAR_LOOK_UP_MS, note="a look-up in place of its filters"
    )


def _chain(sink: Sink, kind: Kind, inspector: Inspector, with_models: bool) -> GateChain:
    rules = default_policy().rules_for(sink, kind, frozenset(Source))
    uses = [
        use for use in merge_chains(rules) if with_models or inspector.filters[use.filter].spec.model is None
    ]
    return GateChain(
        tuple(rule.id for rule in rules),
        tuple((use.filter, use.action.value, use.threshold, use.categories) for use in uses),
    )


def _names(chain: GateChain) -> str:
    return ", ".join(name for name, *_ in chain.chain)


def _prose(size: int) -> str:
    """`size` bytes of UTF-8, near enough, in two languages."""
    rng, text = random.Random(7), ""
    while len(text.encode()) < size:
        text += rng.choice(PROSE)
    return text.encode()[:size].decode(errors="ignore")


def _picture(assets: DiskStore, width: int, height: int) -> AssetRef:
    """As lively as a photo: clouds of colour with grain, which cost a decoder more than an even ground."""
    import numpy as np
    from PIL import Image, ImageFilter

    chance = np.random.default_rng(5)
    clouds = Image.fromarray(chance.integers(0, 256, (64, 64, 3), dtype=np.uint8)).resize((width, height))
    grain = chance.normal(0, 3, (height, width, 1))
    shown = np.clip(np.asarray(clouds.filter(ImageFilter.GaussianBlur(width / 80))) + grain, 0, 255)
    out = io.BytesIO()
    Image.fromarray(shown.astype(np.uint8)).save(out, "PNG")
    return assets.write(out.getvalue(), "image/png", width, height)


def _compiler(raw: dict[str, Any]) -> Callable[[], object]:
    registry, policy, graph = load_registry(), default_policy(), _graph(raw)
    plan = compile_graph(graph, policy, registry).plan
    if plan is None or verify(plan, policy, registry):
        raise ValueError("the benchmark's graph does not compile to a sound plan")
    return lambda: compile_graph(graph, policy, registry)


def _graph(raw: dict[str, Any]) -> Graph:
    nodes = (Node(n["id"], n["type"], n["version"], n["params"]) for n in raw["nodes"])
    edges = (Edge(e["id"], Endpoint(**e["source"]), Endpoint(**e["target"])) for e in raw["edges"])
    return Graph(tuple(nodes), tuple(edges))


def _branching(size: int) -> dict[str, Any]:
    """Choices in a row: either of two models answers, and what it says is the next choice."""
    nodes, ends, edges = [*_ends()], [("q", "text")], []
    while len(nodes) + 3 <= size:
        choice, left, right = (f"{letter}{len(nodes)}" for letter in "cab")
        nodes += [_node(choice, "control.if"), _node(left, "text.generate"), _node(right, "text.generate")]
        edges += [(end, (choice, "value")) for end in ends]
        edges += [((choice, "then"), (left, "prompt")), ((choice, "otherwise"), (right, "prompt"))]
        ends = [(left, "text"), (right, "text")]
    edges += [(end, ("a", "text")) for end in ends]
    return {"format": 1, "nodes": nodes, "edges": [_edge(i, *ends) for i, ends in enumerate(edges)]}


SHAPES: dict[str, Callable[[int], dict[str, Any]]] = {
    "in a row": _row,
    "side by side": _side_by_side,
    "branching": _branching,
}


def _best(work: Callable[[], object]) -> float:
    """Milliseconds of processor time, the best of five or more: the rest is what else the machine was doing."""
    with _uncollected():
        took = [_once(work) for _ in range(REPEATS)]
        while sum(took) < ENOUGH:
            took.append(_once(work))
    return min(took) * 1_000


def _cold(work: Callable[[], object]) -> float:
    """The same after other work each time, which has left nothing of this one in the processor's caches."""
    return min(_alone(work) for _ in range(REPEATS)) * 1_000


def _alone(work: Callable[[], object]) -> float:
    with _uncollected():
        return _once(work)


@contextmanager
def _uncollected() -> Iterator[None]:
    """As timeit does: a collector that walks over whatever else this process holds is not what is measured."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _once(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def figures(folder: Path) -> Sequence[Figure]:
    return [*compiling(), *filtering(folder)]
