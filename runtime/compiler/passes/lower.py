"""lower: the typed drawing as steps, arguments and results; what leads to no result is left out, with a warning.

Words of settings that a model is told, or a person sees, become steps of their own before the node's: so they stand at
a port that is a sink, and labels, gates and locks treat them as they treat everything else.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from runtime.compiler.draft import Placed, Typed
from runtime.graph.model import Issue
from runtime.labels import Sink
from runtime.nodes.made import MADE, PORT, VERSION, fixed_type
from runtime.nodes.spec import Input, Purpose
from runtime.plan import TOLD, Argument, Binding, Fallback, Ref, Result, Step
from runtime.values import Json
from runtime.words import Words

# The steps that stand for words of settings, by drawn node, setting and words.
Told: TypeAlias = dict[tuple[str, str, str], str]


def lower(typed: Typed) -> tuple[tuple[Step, ...], list[Issue]]:
    """Steps in topological order, not yet gated and in no segment (-1)."""
    useful = _useful(typed)
    # Of a call only a part may be of use, and that is no matter.
    used = {placed.drawn for placed in typed.wired.nodes if placed.id in useful}
    idle = {placed.drawn: placed for placed in typed.wired.nodes if placed.drawn not in used}
    issues = [_unused(placed) for placed in idle.values()]
    if not any(placed.spec.delivers for placed in typed.wired.nodes):
        issues.append(
            Issue(
                "no_output",
                Words("Nothing of this workflow reaches a person.", "该工作流没有任何内容呈现给用户。"),
                Words("Add an output, and connect what it shows.", "请添加一个输出节点并连接要展示的内容。"),
            )
        )
    steps: list[Step] = []
    told: Told = {}
    for placed in typed.wired.nodes:
        if placed.id in useful:
            bindings, words = _words_of(placed, told)
            steps += (*words, _step(typed, placed, bindings))
    return tuple(steps), issues


def arguments_of(nodes: Iterable[Placed]) -> tuple[tuple[Argument, ...], list[Issue]]:
    """What a run may be started with: the input nodes, by name."""
    inputs = [placed for placed in nodes if placed.spec.purpose is Purpose.INPUTS]
    return tuple(_argument(placed) for placed in inputs), _repeated(inputs)


def results_of(nodes: Iterable[Placed]) -> tuple[tuple[Result, ...], list[Issue]]:
    """What a run promises: the output nodes, by name."""
    outputs = [placed for placed in nodes if placed.spec.delivers]
    results = tuple(
        Result(_name(placed), port.type, _label(placed), placed.drawn, placed.id, port.name)
        for placed in outputs
        for port in placed.inputs
        if port.sink is Sink.PERSON
    )
    return results, _repeated(outputs)


def _useful(typed: Typed) -> set[str]:
    """Nodes from which a result or another effect can be reached."""
    wanted = [
        p.id
        for p in typed.wired.nodes
        if p.spec.delivers or any(port.sink in (Sink.OUTSIDE, Sink.STORE) for port in p.inputs)
    ]
    before: dict[str, list[str]] = {}
    for (target, _), edges in typed.wired.feeds.items():
        before.setdefault(target, []).extend(edge.source.node for edge in edges)
    found = set(wanted)
    for node in wanted:
        for source in before.get(node, ()):
            if source not in found:
                found.add(source)
                wanted.append(source)
    return found


def _words_of(placed: Placed, told: Told) -> tuple[list[Binding], list[Step]]:
    """How the node is told the words of its settings that go to a sink, and the steps of those that are new.

    All rounds of a loop, and all places of a map, share one. An empty setting says nothing.
    """
    bindings: list[Binding] = []
    new: list[Step] = []
    for port in placed.spec.told:
        words = placed.params[port.name]
        if not words:
            continue
        key = (placed.drawn, port.name, json.dumps(words))
        if key not in told:
            new.append(_words(placed, port))
            told[key] = new[-1].id
        bindings.append(Binding(port.name, port.type, (Ref(told[key], PORT),)))
    return bindings, new


def _words(placed: Placed, port: Input) -> Step:
    kind = fixed_type(port.type)
    assert kind is not None, "settings with words are texts"
    spec = MADE[kind, VERSION].spec
    return Step(
        id=f"{TOLD}{placed.id}.{port.name}",
        type=kind,
        version=VERSION,
        title=Words(f"{placed.title.en} › {port.title.en}", f"{placed.title.zh} › {port.title.zh}"),
        node=placed.drawn,
        params={PORT: placed.params[port.name]},
        bindings=(),
        outputs=((PORT, port.type),),
        resource=spec.resource.value,
        time_limit=spec.time_limit,
    )


def _step(typed: Typed, placed: Placed, told: Sequence[Binding]) -> Step:
    bindings = []
    params = placed.params
    if told:
        moved = {binding.port for binding in told}
        params = {name: value for name, value in params.items() if name not in moved}
    for port in placed.inputs:
        edges = typed.wired.feeds.get((placed.id, port.name), ())
        if edges:
            refs = tuple(Ref(edge.source.node, edge.source.port) for edge in edges)
            bindings.append(Binding(port.name, typed.type_of(placed, port), refs, collect=port.type.many))
    return Step(
        id=placed.id,
        type=placed.spec.type,
        version=placed.spec.version,
        title=placed.title,
        node=placed.drawn,
        params=params,
        bindings=(*bindings, *told),
        outputs=tuple((port.name, typed.type_of(placed, port)) for port in placed.outputs),
        resource=placed.spec.resource.value,
        time_limit=placed.spec.time_limit,
        fallback=Fallback(placed.node.on_error.values, placed.node.on_error.text)
        if placed.node.on_error
        else None,
        retry=placed.node.retry,
    )


def _argument(placed: Placed) -> Argument:
    params = placed.params
    default: Json = params.get("default", params.get("asset"))
    return Argument(
        name=_name(placed),
        type=placed.spec.takes or placed.outputs[0].type,
        title=_label(placed),
        node=placed.id,
        required=default in (None, ""),
        default=default,
        multiline=bool(params.get("multiline")),
        minimum=params.get("minimum"),
        maximum=params.get("maximum"),
    )


def _name(placed: Placed) -> str:
    return str(placed.params.get("name") or placed.id)


def _label(placed: Placed) -> str:
    return str(placed.params.get("label") or placed.node.title or _name(placed))


def _repeated(nodes: list[Placed]) -> list[Issue]:
    seen: set[str] = set()
    issues: list[Issue] = []
    for placed in nodes:
        name = _name(placed)
        if name in seen:
            issues.append(
                Issue(
                    "name_taken",
                    Words(
                        "Another node is already called “{name}”.", "名称“{name}”已被另一个节点使用。"
                    ).fill(name=name),
                    Words("Give this one a name of its own.", "请为它另取一个名称。"),
                    node=placed.id,
                    param="name",
                )
            )
        seen.add(name)
    return issues


def _unused(placed: Placed) -> Issue:
    return Issue(
        "unused",
        Words(
            "Nothing uses the result of {title}, so it will not run.",
            "没有节点使用“{title}”的结果，它不会运行。",
        ).fill(title=placed.caller or placed.title),
        Words("Connect it to an output, or delete it.", "请将其连接到输出，或删除它。"),
        node=placed.drawn,
        severity="warning",
    )
