"""What every registered node type promises: one test for all of them, now and later."""

import inspect
import json
import re
import subprocess
import sys
import typing
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import UnionType
from typing import Any

import pytest
from PIL import Image

from runtime.compiler.compile import compile_graph
from runtime.graph.calls import Callee, Library, call_param, calls_in
from runtime.graph.model import Graph
from runtime.graph.params import param_problem
from runtime.graph.parse import parse_graph
from runtime.labels import Sink, Source
from runtime.models.install import install
from runtime.models.manager import ModelManager
from runtime.models.shelf import Shelf, open_shelf
from runtime.nodes.base import NodeType
from runtime.nodes.registry import DEFAULT_PACKS, load_registry
from runtime.nodes.spec import NodeSpec, Param, ParamKind, Purpose, Reach
from runtime.plan import Plan, Step
from runtime.ports import Kind, PortType
from runtime.safety.policy import Action, FilterUse, Rule, default_policy
from runtime.safety.verify import verify
from runtime.values import AssetRef, Data
from runtime.words import Words
from tests.contract.running import run_plan
from tests.models.cache import real_models
from tests.packs.doubles import MemoryContext
from tests.packs.pipelines import save_stable_diffusion
from tests.sound.sounds import tone, wav

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "nodes"
REGISTRY = load_registry(DEFAULT_PACKS)
NODE_TYPES = list(REGISTRY)
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# Settings that hold words.
WRITTEN = (ParamKind.TEXT, ParamKind.MULTILINE, ParamKind.LINES)
# A policy with a filter for every kind of value at every sink, whoever made it.
EVERYBODY = replace(
    default_policy(),
    rules=tuple(
        Rule(
            f"{sink}-{kind}",
            Words("a", "a"),
            Words("a", "a"),
            sink,
            (kind,),
            tuple(Source),
            (FilterUse("safety.any", Action.BLOCK, 0.5),),
        )
        for sink in Sink
        for kind in Kind
    ),
)

each = pytest.mark.parametrize("node_type", NODE_TYPES, ids=[item.spec.type for item in NODE_TYPES])

PORT_TYPES: Mapping[Kind, object] = {
    Kind.TEXT: str,
    Kind.NUMBER: float,
    Kind.BOOLEAN: bool,
    Kind.IMAGE: AssetRef,
    Kind.AUDIO: AssetRef,
    Kind.VIDEO: AssetRef,
    Kind.DOCUMENT: AssetRef,
    Kind.MODEL: str,
    Kind.JSON: Any,
    Kind.ANY: Data,
}
PARAM_TYPES: Mapping[ParamKind, object] = {
    ParamKind.TEXT: str,
    ParamKind.MULTILINE: str,
    ParamKind.CHOICE: str,
    ParamKind.MODEL: str,
    ParamKind.ASSET: str,
    ParamKind.INTEGER: int,
    ParamKind.NUMBER: float,
    ParamKind.DURATION: float,
    ParamKind.BOOLEAN: bool,
    ParamKind.LINES: list[str],
    ParamKind.WORKFLOW: str,
    ParamKind.PORT: str,
}


def texts(spec: NodeSpec) -> Iterator[Words]:
    yield from (spec.title, spec.summary, spec.help)
    for part in (*spec.inputs, *spec.outputs):
        yield part.title
    for param in spec.params:
        yield param.title
        if param.help:
            yield param.help
        yield from (choice.title for choice in param.choices)


@each
def test_it_speaks_both_languages(node_type: NodeType) -> None:
    for words in texts(node_type.spec):
        assert words.en.strip()
        assert not CHINESE.search(words.en)
        assert CHINESE.search(words.zh)


@each
def test_its_body_takes_just_its_ports_and_params(node_type: NodeType) -> None:
    spec = node_type.spec
    context, *rest = inspect.signature(node_type.run).parameters.values()
    hints = typing.get_type_hints(node_type.run)
    assert context.name == "context"
    assert str(hints["return"]).startswith("collections.abc.Mapping[str")
    expected: dict[str, object] = {}
    for port in spec.inputs:
        expected[port.name] = wanted(port_type(port.type), optional=not port.required)
    for param in spec.params:
        expected[param.name] = wanted(
            PARAM_TYPES[param.kind], optional=param.default is None and not param.required
        )
    grown = [parameter for parameter in rest if parameter.kind is inspect.Parameter.VAR_KEYWORD]
    assert bool(grown) == bool(spec.dynamic and spec.dynamic.side == "inputs")
    named = [parameter for parameter in rest if parameter not in grown]
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in named)
    assert {parameter.name: hints[parameter.name] for parameter in named} == expected
    optional = {port.name for port in spec.inputs if not port.required}
    assert {p.name for p in named if p.default is not inspect.Parameter.empty} == optional


def port_type(kind: PortType) -> Any:
    one = PORT_TYPES[kind.kind]
    return list[one] if kind.many else one  # type: ignore[valid-type] # made at run time from the spec


def wanted(kind: Any, optional: bool) -> UnionType | Any:
    return kind | None if optional else kind


@each
def test_its_settings_are_bounded_and_their_defaults_valid(node_type: NodeType) -> None:
    for param in node_type.spec.params:
        if param.default is not None:
            assert param_problem(param, param.default) is None, param.name
        if param.required:
            assert param.default is not None, f"{param.name} must work as it is dropped on the canvas"
        if param.kind in (ParamKind.INTEGER, ParamKind.NUMBER, ParamKind.DURATION):
            assert is_bounded(param), param.name
        assert bool(param.choices) == (param.kind is ParamKind.CHOICE)
        assert bool(param.capability) == (param.kind is ParamKind.MODEL)


def is_bounded(param: Param) -> bool:
    return param.minimum is not None and param.maximum is not None and param.minimum < param.maximum


@each
def test_it_says_where_bytes_come_from_and_where_they_leave(node_type: NodeType) -> None:
    spec = node_type.spec
    if spec.purpose is Purpose.INPUTS:
        assert not spec.inputs
        assert all(port.source in (Source.USER, Source.UPLOAD) for port in spec.outputs)
    if spec.purpose is Purpose.OUTPUTS:
        assert not spec.outputs
        assert [port.sink for port in spec.inputs] == [Sink.PERSON]
    if any(param.kind is ParamKind.MODEL for param in spec.params):
        assert all(port.source is Source.MODEL for port in spec.outputs), "what a model made must say so"
        assert all(port.sink is Sink.MODEL for port in spec.inputs)
    if any(port.streams for port in spec.outputs):
        assert {port.type.kind for port in spec.outputs if port.streams} == {Kind.TEXT}


@each
def test_it_says_of_each_setting_where_it_goes(node_type: NodeType) -> None:
    spec = node_type.spec
    for param in spec.params:
        assert isinstance(param.reach, Reach), param.name
        if param.kind in WRITTEN and any(port.source is Source.MODEL for port in spec.outputs):
            assert param.reach is Reach.MODEL, f"{param.name}: no model is told it?"
    assert [port.name for port in spec.told] == [
        param.name for param in spec.params if param.kind in WRITTEN and param.reach.sink
    ]


@each
def test_nothing_of_it_reaches_a_sink_past_a_policy_that_asks_about_everybody(node_type: NodeType) -> None:
    """Every port and every setting through which bytes leave or steer a model stands behind a gate."""
    spec = node_type.spec
    graph, _ = parse_graph(example(spec))
    assert graph is not None
    said = {port.name: ["a", "b"] if port.type.many else "words" for port in spec.told}
    nodes = (replace(n, params=n.params | said) if n.type == spec.type else n for n in graph.nodes)
    plan = compile_graph(replace(graph, nodes=tuple(nodes)), EVERYBODY, REGISTRY, library=called(graph)).plan
    assert plan is not None
    assert verify(plan, EVERYBODY, REGISTRY) == ()
    gates = {step.id for step in plan.steps if step.gate}
    for step in steps_of(spec, plan) if not call_param(spec) else ():
        assert not said.keys() & step.params.keys()
        for port in (*spec.inputs, *spec.told):
            binding = step.binding(port.name)
            assert binding is not None or not (port.required or port.name in said), port.name
            if port.sink and binding:
                assert all(ref.step in gates for ref in binding.refs), port.name


ROUTED: tuple[Data, ...] = (
    "text  with\nodd\u200b bytes", 3, 2.5, True, False, "", {"a": [1]}, ["x", "y"], AssetRef("ab" * 32, "image/png", 1),
)  # fmt: skip


@pytest.mark.parametrize("value", ROUTED, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("condition", ["yes", "no", "something else"])
@pytest.mark.parametrize("node_type", [n for n in NODE_TYPES if n.spec.routes], ids=lambda n: n.spec.type)
def test_what_routes_hands_on_the_very_same_bytes(node_type: NodeType, value: Data, condition: str) -> None:
    spec = node_type.spec
    params = {param.name: param.default for param in spec.params}
    others = {port.name: condition for port in spec.inputs if port.type.kind is Kind.TEXT}
    outputs = node_type.run(MemoryContext(), value=value, **others, **params)
    assert len(outputs) == 1
    assert set(outputs) <= {port.name for port in spec.outputs_for(params)}
    assert all(given is value for given in outputs.values())
    assert all(port.source is None for port in spec.outputs), "a router makes nothing of its own"


def example(spec: NodeSpec) -> Any:
    return json.loads((DOCS / f"{spec.type}.json").read_text(encoding="utf-8"))


def called(graph: Graph) -> Library:
    """Whatever an example calls is the chat of another one, which can go round: its answer is the next question."""
    drawn = json.loads((DOCS / "text.generate.json").read_text(encoding="utf-8"))
    next(node for node in drawn["nodes"] if node["id"] == "answer")["params"]["name"] = "question"
    chat, _ = parse_graph(drawn)
    assert chat is not None
    return Library({call: Callee(chat, "Chat") for call in calls_in(graph, REGISTRY)})


def steps_of(spec: NodeSpec, plan: Plan) -> list[Step]:
    """The steps of nodes of this type; of a call those that stand in its place."""
    if call_param(spec):
        return [step for step in plan.steps if "/" in step.id and not step.gate]
    return [step for step in plan.steps if step.type == spec.type]


def compiled(spec: NodeSpec) -> Plan:
    graph, issues = parse_graph(example(spec))
    assert not issues
    assert graph is not None
    result = compile_graph(graph, default_policy(), REGISTRY, library=called(graph))
    assert not result.issues, [issue.message.en for issue in result.issues]
    assert result.plan is not None
    return result.plan


@each
def test_its_page_tells_what_it_does_and_its_example_compiles(node_type: NodeType) -> None:
    spec = node_type.spec
    page = (DOCS / f"{spec.type}.md").read_text(encoding="utf-8")
    english, chinese = page.split("\n\n")[1:3]
    assert len(english) > 100
    assert CHINESE.search(chinese)
    assert f"({spec.type}.json)" in page
    assert f"({spec.type}.md)" in (DOCS / "README.md").read_text(encoding="utf-8")
    plan = compiled(spec)
    assert steps_of(spec, plan)
    assert any(step.gate for step in plan.steps)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModelManager:
    """The real models, and a tiny random pipeline in the place of the starter model."""
    folder = tmp_path_factory.mktemp("models")
    save_stable_diffusion(folder / "source")
    (folder / "catalog.toml").write_text(STARTER, encoding="utf-8")
    for name in ("smollm2", "realesr", "whisper-base"):
        (folder / name).symlink_to(real_models("whisper-base").home_of(name))
    shelf: Shelf = open_shelf(folder)
    install(shelf, shelf.records["starter"], lambda done, total: None)
    return ModelManager(shelf)


STARTER = """
format = 1
[[models]]
name = "starter"
title = { en = "Tiny", zh = "微型" }
capability = "image"
licence = "Apache-2.0"
[[models.sources]]
kind = "folder"
path = "source"
"""
PYTHON: Mapping[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str, Kind.NUMBER: (int, float), Kind.BOOLEAN: bool, Kind.IMAGE: AssetRef,
    Kind.AUDIO: AssetRef,
}  # fmt: skip


@each
def test_its_example_runs(node_type: NodeType, models: ModelManager) -> None:
    spec = node_type.spec
    plan = compiled(spec)
    context = MemoryContext(models=models)
    picture = BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(picture, "PNG")
    photo = context.assets.write(picture.getvalue(), "image/png", 40, 30)
    given_files = {Kind.IMAGE: photo, Kind.AUDIO: context.assets.write(wav(tone(2)), "audio/wav")}
    given_files[Kind.DOCUMENT] = context.assets.write(b"A report of one line.", "text/plain")
    context.arguments = {item.name: given_files.get(item.type.kind, item.default) for item in plan.arguments}
    given = run_plan(plan, REGISTRY, context)
    mine = steps_of(spec, plan)
    assert mine
    for step in mine if not call_param(spec) else ():
        outputs = given[step.id]
        promised = dict(step.outputs)
        assert set(outputs) <= set(promised)
        assert spec.routes or set(outputs) == set(promised)
        for name, data in outputs.items():
            if promised[name].kind in PYTHON and not promised[name].many:
                assert isinstance(data, PYTHON[promised[name].kind]), name
    assert all(result.step in given for result in plan.results), "every promised output was reached"


def test_declaring_them_loads_nothing_heavy() -> None:
    heavy = "torch diffusers transformers numpy PIL ncnn onnxruntime xllamacpp"
    code = (
        "import sys; from runtime.nodes.registry import load_registry, DEFAULT_PACKS; load_registry(DEFAULT_PACKS);"
        f"print(*[name for name in {heavy.split()} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_page_belongs_to_a_node_type() -> None:
    pages = {path.stem for path in DOCS.glob("*.md")} - {"README"}
    assert pages == {item.spec.type for item in NODE_TYPES}
