"""Settings say where they go: a node type that does not is refused, and words that a model is told stand at a port."""

from dataclasses import replace
from typing import Any

import pytest

from runtime.labels import Sink, Source
from runtime.nodes.spec import NodeSpec, Param, ParamKind, Reach
from runtime.ports import TEXT, Kind, PortType
from runtime.words import Words
from tests.compiler.nodes import inp, make, out

WORDS = Words("w", "w")


def spec_with(param: Param, source: Source | None = Source.MODEL) -> NodeSpec:
    return make("any.kind", (inp("prompt", TEXT),), (out("text", TEXT, source),), (param,)).spec


def test_a_setting_that_does_not_say_where_it_goes_is_refused() -> None:
    undeclared: Any = Param
    with pytest.raises(TypeError):
        undeclared("system", ParamKind.TEXT, WORDS)
    with pytest.raises(ValueError, match="does not say where it goes"):
        spec_with(undeclared("system", ParamKind.TEXT, WORDS, None))


@pytest.mark.parametrize("kind", [ParamKind.ASSET, ParamKind.WORKFLOW, ParamKind.PORT, ParamKind.INTEGER])
def test_no_sink_is_reached_by_what_no_gate_could_read(kind: ParamKind) -> None:
    """A number without bounds is as long as anybody likes."""
    with pytest.raises(ValueError, match="no gate could read it"):
        spec_with(Param("system", kind, WORDS, Reach.MODEL, minimum=1))


def test_words_that_become_part_of_an_output_have_a_maker_there() -> None:
    param = Param("separator", ParamKind.TEXT, WORDS, Reach.GIVEN)
    with pytest.raises(ValueError, match="name no maker"):
        spec_with(param, None)
    assert spec_with(param, Source.AUTHOR).told == ()


def test_no_setting_is_called_like_a_port() -> None:
    with pytest.raises(ValueError, match="is a port and a setting"):
        spec_with(Param("prompt", ParamKind.TEXT, WORDS, Reach.NOWHERE))


@pytest.mark.parametrize("reach", [r for r in Reach if r.sink])
def test_words_that_go_to_a_sink_stand_at_a_port_of_that_sink(reach: Reach) -> None:
    text, lines = PortType(Kind.TEXT), PortType(Kind.TEXT, many=True)
    for kind, port in (
        (ParamKind.TEXT, text),
        (ParamKind.MULTILINE, text),
        (ParamKind.LINES, lines),
    ):
        (told,) = spec_with(Param("system", kind, WORDS, reach)).told
        assert (told.name, told.type, told.sink, told.required) == ("system", port, reach.sink, False)


def test_every_sink_can_be_where_a_setting_goes() -> None:
    assert {reach.sink for reach in Reach} == {*Sink, None}


def test_a_spec_that_is_changed_keeps_its_ports_for_settings() -> None:
    spec = spec_with(Param("system", ParamKind.TEXT, WORDS, Reach.MODEL))
    assert replace(spec, version=2).told == spec.told
