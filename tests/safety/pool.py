"""Examples on which a fault must show: small drawings, one for each way in which a gate matters, then random ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from hypothesis import HealthCheck, Phase, given, settings

from runtime.compiler import compile as compiler
from runtime.compiler.compile import NOTHING, Compiled
from runtime.compiler.passes.cast_shadow import Candidate
from runtime.graph.calls import Call, Callee, Library
from runtime.graph.model import Graph, OnError
from runtime.labelling.profile import Labelling, Profile
from runtime.labels import Sink, Source
from runtime.ports import Kind
from runtime.safety.policy import Action, FilterUse, Policy, Rule, default_policy
from runtime.values import Json
from runtime.words import Words
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY
from tests.compiler.random_graphs import graphs, nested


@dataclass(frozen=True, eq=False)
class Example:
    """A drawing under a policy, perhaps with another that is tried beside it.

    `compiles` is what must become of it; None where nobody has said so by hand.
    """

    graph: Graph
    policy: Policy
    compiles: bool | None = None
    tried: Policy | None = None
    # The node at which it ends, when it is compiled for a partial run.
    to: str | None = None
    # What its nodes call.
    library: Library = NOTHING

    def compile(self) -> Compiled:
        candidates = [Candidate("candidate", self.tried)] if self.tried else []
        return compiler.compile_graph(
            self.graph, self.policy, REGISTRY, *candidates, to=self.to, library=self.library
        )


def _rule(name: str, sources: tuple[Source, ...], *chain: FilterUse) -> Rule:
    words = Words(name, name)
    return Rule(name, words, words, Sink.PERSON, (Kind.TEXT, Kind.JSON), sources, chain)


PLAIN = default_policy()
# Several rules speak of the same text, each with its own threshold, categories and action.
CROWDED = replace(
    PLAIN,
    version=2,
    rules=(
        *PLAIN.rules,
        _rule(
            "of-models", (Source.MODEL,),
            FilterUse("safety.words", Action.BLOCK, 0.3, ("violent_crimes",)), FilterUse("safety.words", Action.HOLD, 0.4),
        ),
        _rule(
            "of-users", (Source.USER,),
            FilterUse("safety.words", Action.BLOCK, 0.7, ("hate",)),
            FilterUse("safety.prompt_attack", Action.REDACT, 0.6, ("prompt_injection",)),
        ),
        _rule("of-models-again", (Source.MODEL,), FilterUse("safety.prompt_attack", Action.REDACT, 0.8, ("jailbreak",))),
    ),
)  # fmt: skip
# Nobody says whether numbers may be shown, nor whether a model may be told what the author wrote.
GAPPY = replace(
    PLAIN,
    version=3,
    rules=tuple(r for r in PLAIN.rules if r.id not in ("person-number", "person-plain", "model-author")),
)
# What a model had a part in is labelled where it leaves.
LABELLED = replace(PLAIN, version=4, labelling=Labelling(Profile.EU))

# A model is told nothing unseen, not even by the author.
AUTHORS = replace(
    PLAIN,
    version=5,
    rules=tuple(
        replace(
            r,
            chain=(
                FilterUse("safety.secrets", Action.REDACT, 0.5),
                FilterUse("safety.words", Action.BLOCK, 0.5, ("hate",)),
            ),
        )
        if r.id == "model-author"
        else r
        for r in PLAIN.rules
    ),
)

DRAWINGS = (
    ("a:in.text o:out.text", "a.text>o.text"),
    ("a:in.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text"),
    ("a:author.text m:llm.ask n:llm.ask o:out.text", "a.text>m.prompt m.text>n.prompt n.text>o.text"),
    ("a:author.text b:in.text j:text.join m:llm.ask o:out.text",
     "a.text>j.texts b.text>j.texts j.text>m.prompt m.text>o.text"),
    ("b:in.text t:text.template m:llm.ask o:out.text", "b.text>t.x t.text>m.prompt m.text>o.text"),
    ("a:in.text c:control.if m:llm.ask o:out.text", "a.text>c.value c.then>m.prompt m.text>o.text c.otherwise>o.text"),
    ("a:in.text s:control.switch o:out.text p:out.text", "a.text>s.value s.case_1>o.text s.other>p.text"),
    ("a:in.text s:control.switch o:out.text", "a.text>s.value s.case_1>o.text s.case_2>o.text s.other>o.text"),
    ("a:in.text s:control.switch m:llm.ask o:out.text", "a.text>s.value s.case_2>m.prompt m.text>o.text"),
    ("a:author.text c:control.if m:llm.ask o:out.text", "a.text>c.value c.then>m.prompt m.text>o.text"),
    ("a:in.text c:control.if m:llm.ask o:out.text", "a.text>c.value c.then>m.prompt m.text>o.text"),
    ("a:in.text s:text.split o:out.texts", "a.text>s.text s.texts>o.texts"),
    ("a:in.text b:in.text o:out.texts", "a.text>o.texts b.text>o.texts"),
    ("a:in.text o:out.json", "a.text>o.data"),
    ("a:in.text m:llm.reason o:out.text", "a.text>m.prompt m.reasons>o.text"),
    ("a:author.text b:in.text m:llm.reason o:out.text", "a.text>m.prompt b.text>m.system m.text>o.text"),
    ("a:in.text b:in.text m:llm.reason o:out.text", "a.text>m.prompt b.text>m.system m.text>o.text"),
    ("a:found.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text"),
    ("a:in.image o:out.image", "a.image>o.image"),
    ("a:in.text b:in.image d:image.draw o:out.image", "a.text>d.prompt b.image>d.image d.image>o.image"),
    ("b:in.image r:image.read m:llm.ask o:out.text", "b.image>r.image r.text>m.prompt m.text>o.text"),
    ("n:in.number m:llm.ask o:out.text", "n.number>m.prompt m.text>o.text"),
    ("n:in.number o:out.text", "n.number>o.text"),
    ("a:in.text m:llm.ask o:out.text p:out.text", "a.text>m.prompt a.text>o.text m.text>p.text"),
    ("a:in.text o:out.text p:out.text", "a.text>o.text a.text>p.text"),
    ("a:in.text b:in.text o:out.text p:out.text", "a.text>o.text b.text>p.text"),
    ("a:in.text c:control.if m:llm.ask o:out.text p:out.text",
     "a.text>c.value c.then>o.text c.otherwise>m.prompt m.text>o.text c.then>p.text"),
    ("a:in.text b:in.text s:control.switch o:out.text", "a.text>s.value b.text>s.on s.case_1>o.text"),
)  # fmt: skip
# Runs that end at a node in the middle: what it gives is shown, although no output was drawn for it.
PARTIAL = (
    (("a:in.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text"), "a"),
    (("a:in.text m:llm.ask n:llm.ask o:out.text", "a.text>m.prompt m.text>n.prompt n.text>o.text"), "m"),
    (("a:author.text b:in.text m:llm.reason o:out.number", "a.text>m.prompt b.text>m.system"), "m"),
    (("a:in.text c:control.if o:out.text", "a.text>c.value c.then>o.text"), "c"),
    (("a:in.image r:image.read o:out.text", "a.image>r.image r.text>o.text"), "a"),
    (("a:in.text s:text.split o:out.texts", "a.text>s.text s.texts>o.texts"), "s"),
    (("a:in.text j:text.join m:llm.ask", "a.text>j.texts a.text>m.prompt m.text>j.texts"), "j"),
    (("a:in.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text"), "o"),
    (("a:found.text o:out.text", "a.text>o.text"), "a"),
)
# What is called: by the letter after `call.it-`.
CALLEES = {
    "m": ("i:in.text m:llm.ask o:out.text", "i.text>m.prompt m.text>o.text"),
    "h": ("i:in.text j:in.text s:text.join o:out.text p:out.text",
          "i.text>s.texts j.text>s.texts s.text>o.text i.text>p.text"),
    "c": ("i:in.text c:control.if m:llm.ask o:out.text", "i.text>c.value c.then>m.prompt m.text>o.text c.otherwise>o.text"),
    "p": ("i:in.image o:out.image", "i.image>o.image"),
    "w": ("i:in.text w:call.it-m o:out.text", "i.text>w.i w.o>o.text"),
    "f": ("a:found.text o:out.text", "a.text>o.text"),
    "n": ("n:in.number t:text.join o:out.text", "n.number>t.texts t.text>o.text"),
    # These go round: an output has the name of an input, for which the line at the end of its id does not count.
    "r": ("i:in.text m:llm.ask i_:out.text", "i.text>m.prompt m.text>i_.text"),
    "u": ("i:in.text h:in.text m:llm.reason i_:out.text d:out.text",
          "i.text>m.prompt h.text>m.system m.text>i_.text m.reasons>d.text"),
    "s": ("i:in.text a:author.text m:llm.ask j:text.join i_:out.text",
          "a.text>m.prompt i.text>j.texts m.text>j.texts j.text>i_.text"),
    "l": ("i:in.text w:loop.it-r i_:out.text", "i.text>w.i w.i_>i_.text"),
    "k": ("i:in.text s:text.split w:map.it-m j:text.join i_:out.text", "i.text>s.text s.texts>w.i w.o>j.texts j.text>i_.text"),
    "t": ("i:in.text m:llm.told n:llm.told i_:out.text", "i.text>m.prompt m.text>n.prompt n.text>i_.text"),
    "b": ("i:in.text w:loop.it-r_26 i_:out.text", "i.text>w.i w.i_>i_.text"),
}  # fmt: skip
# Behind the letter may stand a port, and how often at most.
REPEATS = (
    ("a:in.text w:loop.it-r o:out.text", "a.text>w.i w.i_>o.text"),
    ("a:author.text w:loop.it-r o:out.text", "a.text>w.i w.i_>o.text"),
    ("a:in.text b:author.text w:loop.it-u_d o:out.text", "a.text>w.i b.text>w.h w.i_>o.text"),
    ("a:author.text b:in.text w:loop.it-u_d o:out.text p:out.text", "a.text>w.i b.text>w.h w.i_>o.text w.d>p.text"),
    ("a:in.text c:control.if w:loop.it-r_i_ o:out.text", "a.text>c.value c.then>w.i w.i_>o.text c.otherwise>o.text"),
    ("a:in.text w:loop.it-s o:out.text", "a.text>w.i w.i_>o.text"),
    ("a:in.text w:loop.it-l o:out.text", "a.text>w.i w.i_>o.text"),
    ("a:in.text w:loop.it-k o:out.text", "a.text>w.i w.i_>o.text"),
    ("a:in.text s:text.split w:map.it-m o:out.texts", "a.text>s.text s.texts>w.i w.o>o.texts"),
    ("a:author.text b:in.text s:text.split w:map.it-u_i o:out.texts", "a.text>s.text s.texts>w.i b.text>w.h w.i_>o.texts"),
    ("a:author.text b:in.text w:map.it-m m:llm.ask j:text.join o:out.text",
     "a.text>w.i b.text>w.i w.o>j.texts j.text>m.prompt m.text>o.text"),
    ("a:in.text s:text.split w:map.it-l v:map.it-s j:text.join o:out.text",
     "a.text>s.text s.texts>w.i w.i_>v.i v.i_>j.texts j.text>o.text"),
    ("a:in.text w:loop.it-u_d", "a.text>w.i a.text>w.h", "w"),
    ("a:in.text s:text.split w:map.it-m", "a.text>s.text s.texts>w.i", "w"),
)  # fmt: skip
# Twenty-six rounds of twenty-six rounds are more than a workflow may be.
BOUNDLESS = ("a:in.text w:loop.it-b_26 o:out.text", "a.text>w.i w.i_>o.text")
CALLS = (
    ("a:in.text w:call.it-m o:out.text", "a.text>w.i w.o>o.text"),
    ("a:author.text w:call.it-m v:call.it-m o:out.text", "a.text>w.i w.o>v.i v.o>o.text"),
    ("a:in.text b:author.text w:call.it-h o:out.text p:out.text", "a.text>w.i b.text>w.j w.o>o.text w.p>p.text"),
    ("a:in.text w:call.it-c m:llm.ask o:out.text", "a.text>w.i w.o>m.prompt m.text>o.text"),
    ("a:in.image w:call.it-p r:image.read o:out.text p:out.image", "a.image>w.i w.o>r.image r.text>o.text w.o>p.image"),
    ("a:in.text w:call.it-w o:out.text", "a.text>w.i w.o>o.text"),
    ("w:call.it-f m:llm.ask o:out.text", "w.o>m.prompt m.text>o.text"),
    ("a:in.number w:call.it-n o:out.text", "a.number>w.n w.o>o.text"),
    ("a:in.text c:control.if w:call.it-m o:out.text", "a.text>c.value c.then>w.i w.o>o.text c.otherwise>o.text"),
    ("a:in.text w:call.it-m o:out.text", "a.text>w.i w.o>o.text", "w"),
    ("a:in.text w:call.it-h", "a.text>w.i a.text>w.j", "w"),
    ("a:in.image w:call.it-p", "a.image>w.i", "w"),
)  # fmt: skip
# Nodes that go on when they fail, with words of their author: to a model, to a person, and where ways meet.
BRANCH, INSTEAD = OnError({}, "it failed: {{code}}"), OnError({"text": "instead"})
FAILING = (
    (("a:in.text m:llm.ask n:llm.ask o:out.text", "a.text>m.prompt m.error>n.prompt n.text>o.text"), {"m": BRANCH}),
    (("i:in.image r:image.read m:llm.ask o:out.text", "i.image>r.image r.text>m.prompt m.text>o.text"), {"r": INSTEAD}),
    (("a:in.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text m.error>o.text"), {"m": BRANCH}),
    (("a:in.text c:control.if o:out.text", "a.text>c.value c.then>o.text c.error>o.text"), {"c": BRANCH}),
    (("a:found.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text"), {"a": INSTEAD, "m": INSTEAD}),
    (("a:in.image d:image.draw b:in.text o:out.image p:out.text",
      "b.text>d.prompt a.image>d.image d.image>o.image d.error>p.text"), {"d": BRANCH}),
)  # fmt: skip
# Nodes with words in their settings that a model is told.
BRIEF: dict[str, Json] = {"system": "be brief"}
SETTINGS = (
    (("a:in.text m:llm.told o:out.text", "a.text>m.prompt m.text>o.text"), {"m": BRIEF}),
    (("a:author.text m:llm.told o:out.text", "a.text>m.prompt m.text>o.text"), {"m": BRIEF | {"stop": ["a", "b"]}}),
    (("a:in.text m:llm.told n:llm.told o:out.text", "a.text>m.prompt m.text>n.prompt n.text>o.text"),
     {"m": BRIEF, "n": {"system": "be long"}}),
    (("a:in.text m:llm.told n:llm.told o:out.text", "a.text>m.prompt m.text>n.prompt n.text>o.text"),
     {"m": BRIEF, "n": {"stop": ["a"]}}),
    (("a:in.text w:call.it-t v:loop.it-t o:out.text", "a.text>w.i w.i_>v.i v.i_>o.text"), {}),
)  # fmt: skip
# Nodes that ask a person: of every kind of value, with words that a person sees, before a model and before another person.
# What was seen is not shown again as it is: its second gate could be cut out, and nothing would be wrong.
MAY_IT: dict[str, dict[str, Json]] = {"q": {"question": "may it?"}}
ASKING = (
    ("a:in.text q:person.approve m:llm.ask o:out.text", "a.text>q.value q.yes>m.prompt m.text>o.text q.no>o.text"),
    ("a:in.text m:llm.ask q:person.ask n:llm.ask o:out.text", "a.text>m.prompt m.text>q.value q.answer>n.prompt n.text>o.text"),
    ("q:person.ask m:llm.ask o:out.text", "q.answer>m.prompt m.text>o.text"),
    ("a:in.image q:person.approve r:image.read o:out.text", "a.image>q.value q.yes>r.image r.text>o.text"),
    ("a:in.text s:text.split q:person.approve j:text.join o:out.text", "a.text>s.text s.texts>q.value q.yes>j.texts j.text>o.text"),
    ("n:in.number q:person.approve o:out.number", "n.number>q.value q.no>o.number"),
)  # fmt: skip
SOME = 6
ONLY_NUMBERS = ("n:in.number o:out.number", "n.number>o.number")
ONLY_AUTHORS = ("a:author.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text")


def drawn() -> Iterator[Example]:
    """The drawings made by hand, under each policy, with what must become of them."""
    for policy in (PLAIN, CROWDED):
        for nodes, edges in (*DRAWINGS, ONLY_NUMBERS, ONLY_AUTHORS):
            yield Example(_draw(nodes, edges), policy, compiles=True)
    for nodes, edges in (ONLY_NUMBERS, ONLY_AUTHORS):
        yield Example(_draw(nodes, edges), GAPPY, compiles=False)
    for policy in (PLAIN, CROWDED, LABELLED):
        for (nodes, edges), to in PARTIAL:
            yield Example(_draw(nodes, edges), policy, compiles=True, to=to)
    for policy in (PLAIN, CROWDED, LABELLED):
        for nodes, edges, *to in CALLS:
            yield Example(
                _draw(nodes, edges), policy, compiles=True, to=to[0] if to else None, library=CALLED
            )
    for policy in (PLAIN, CROWDED, LABELLED):
        for nodes, edges, *to in REPEATS:
            yield Example(
                _draw(nodes, edges), policy, compiles=True, to=to[0] if to else None, library=CALLED
            )
    for policy in (PLAIN, AUTHORS, LABELLED):
        for (nodes, edges), said in SETTINGS:
            yield Example(_telling(_draw(nodes, edges), said), policy, compiles=True, library=CALLED)
    for policy in (PLAIN, CROWDED, LABELLED):
        for nodes, edges in ASKING:
            yield Example(_telling(_draw(nodes, edges), MAY_IT), policy, compiles=True)
    yield Example(_draw(*ASKING[-1]), GAPPY, compiles=False)
    for policy in (PLAIN, LABELLED):
        for nodes, edges in (ONLY_AUTHORS, SETTINGS[1][0], *DRAWINGS[2:5]):
            graph = _telling(_draw(nodes, edges), SETTINGS[1][1])
            yield Example(graph, policy, compiles=True, library=ELSEWHERE)
    for (nodes, edges), fails in FAILING[:2]:
        yield Example(_failing(_draw(nodes, edges), fails), PLAIN, compiles=True, library=ELSEWHERE)
    yield Example(_telling(_draw(*SETTINGS[1][0]), SETTINGS[1][1]), GAPPY, compiles=False)
    yield Example(_draw(*BOUNDLESS), PLAIN, compiles=False, library=CALLED)
    for policy in (PLAIN, CROWDED, LABELLED):
        for (nodes, edges), fails in FAILING:
            yield Example(_failing(_draw(nodes, edges), fails), policy, compiles=True)
    for (nodes, edges), fails in FAILING[:2]:
        yield Example(_failing(_draw(nodes, edges), fails), GAPPY, compiles=False)
    for nodes, edges in DRAWINGS[:SOME]:
        yield Example(_draw(nodes, edges), LABELLED, compiles=True)
        yield Example(_draw(nodes, edges), PLAIN, compiles=True, tried=CROWDED)


@cache
def examples(count: int) -> tuple[Example, ...]:
    """All drawings, then random graphs under the policies in turn, `count` in all; the same ones every time."""
    found = list(drawn())
    policies = (PLAIN, CROWDED, GAPPY, LABELLED, AUTHORS)

    @given(graphs(REGISTRY))
    @settings(
        max_examples=max(1, count - len(found)),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def gather(graph: Graph) -> None:
        place = len(found)
        # Every third ends somewhere on the way.
        to = graph.nodes[place % len(graph.nodes)].id if place % 3 == 0 else None
        found.append(Example(graph, policies[place % len(policies)], to=to))

    @given(nested(REGISTRY))
    @settings(
        max_examples=max(1, (count - len(found)) // 2),
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def gather_calls(drawn: tuple[Graph, Library]) -> None:
        place = len(found)
        graph, library = drawn
        to = graph.nodes[place % len(graph.nodes)].id if place % 3 == 0 else None
        found.append(Example(graph, policies[place % len(policies)], to=to, library=library))

    gather_calls()
    gather()
    return tuple(found[:count])


def _failing(graph: Graph, fails: dict[str, OnError]) -> Graph:
    return replace(graph, nodes=tuple(replace(node, on_error=fails.get(node.id)) for node in graph.nodes))


def _call(letter: str) -> Call:
    return Call(f"00000000-0000-7000-8000-{ord(letter):012d}", 1)


def _draw(nodes: str, edges: str) -> Graph:
    called = dict(_calling(word) for word in nodes.split() if ".it-" in word)
    nodes = re.sub(r"\.it-\S+", ".it", nodes)
    named = called | {
        word.split(":")[0]: {"name": word.split(":")[0].rstrip("_")}
        for word in nodes.split()
        if word.split(":")[1].startswith(("in.", "out."))
    }
    return draw(nodes, edges, named)


def _calling(word: str) -> tuple[str, dict[str, object]]:
    """The settings of a node that calls; one that repeats does so twice where nothing else is said."""
    node, _, kind = word.partition(":")
    letter, *more = kind.partition("-")[2].split("_", 1)
    params: dict[str, object] = {"workflow": str(_call(letter))}
    if not kind.startswith("call."):
        times = more[0] if more and more[0].isdigit() else None
        params |= {"times": int(times or 2), "at": "" if times or not more else more[0]}
    return node, params


def _telling(graph: Graph, settings: dict[str, dict[str, Json]]) -> Graph:
    return replace(
        graph, nodes=tuple(replace(n, params={**n.params, **settings.get(n.id, {})}) for n in graph.nodes)
    )


IN_CALLS: dict[str, dict[str, dict[str, Json]]] = {"t": {"m": {"system": "first"}, "n": {"system": "second"}}}
CALLED = Library(
    {
        _call(name): Callee(_telling(_draw(*drawing), IN_CALLS.get(name, {})), name)
        for name, drawing in CALLEES.items()
    }
)
# Of people elsewhere, and brought here as a template.
ELSEWHERE = Library(copied=True)
