"""Node types for the compiler's tests: one for each way in which a node can matter to a gate."""

from runtime.labels import Sink, Source
from runtime.nodes.base import NodeType, Outputs
from runtime.nodes.conditions import CONDITION
from runtime.nodes.registry import Registry
from runtime.nodes.spec import (
    Asks,
    Dynamic,
    Effects,
    Input,
    NodeSpec,
    Output,
    Param,
    ParamKind,
    Purpose,
    Reach,
    Repeat,
    Resource,
)
from runtime.ports import ANY, BOOLEAN, IMAGE, JSON, NUMBER, TEXT, Kind, PortType
from runtime.words import Words

TEXTS = PortType(Kind.TEXT, many=True)


def words(text: str) -> Words:
    return Words(text, text)


def inp(name: str, port_type: PortType, sink: Sink | None = None, required: bool = True) -> Input:
    return Input(name, port_type, words(name), sink, required)


def out(name: str, port_type: PortType, source: Source | None = None) -> Output:
    return Output(name, port_type, words(name), source)


def make(
    type_name: str,
    inputs: tuple[Input, ...] = (),
    outputs: tuple[Output, ...] = (),
    params: tuple[Param, ...] = (),
    purpose: Purpose = Purpose.LANGUAGE,
    resource: Resource = Resource.INLINE,
    routes: bool = False,
    dynamic: Dynamic | None = None,
    repeat: Repeat | None = None,
    asks: Asks | None = None,
) -> NodeType:
    def run(**_: object) -> Outputs:
        return {}

    spec = NodeSpec(
        type_name,
        1,
        words(type_name),
        words(""),
        words(""),
        purpose,
        "box",
        inputs,
        outputs,
        params,
        Effects.PURE,
        resource,
        dynamic,
        routes,
        repeat=repeat,
        asks=asks,
    )
    return NodeType(spec, run)


NAME = Param("name", ParamKind.TEXT, words("name"), Reach.DRAWING, max_length=64)
CASES = Param("cases", ParamKind.LINES, words("cases"), Reach.DRAWING, default=["a", "b"])
COUNT = Param("count", ParamKind.INTEGER, words("count"), Reach.NOWHERE, default=1, minimum=1, maximum=5)
CALLED = Param("workflow", ParamKind.WORKFLOW, words("workflow"), Reach.NOWHERE, default="")
TIMES = Param("times", ParamKind.INTEGER, words("times"), Reach.NOWHERE, minimum=1, maximum=50)
AT = Param("at", ParamKind.PORT, words("at"), Reach.NOWHERE, default="")
SYSTEM = Param("system", ParamKind.MULTILINE, words("system"), Reach.MODEL, default="")
STOP = Param("stop", ParamKind.LINES, words("stop"), Reach.MODEL, default=[])
QUESTION = Param("question", ParamKind.MULTILINE, words("question"), Reach.PERSON, default="")
LIMIT = Param("limit", ParamKind.DURATION, words("limit"), Reach.NOWHERE, minimum=60, maximum=600)
TEMPLATE = Param(
    "template", ParamKind.MULTILINE, words("template"), Reach.GIVEN, default="{{x}}", required=True
)

REGISTRY = Registry(
    [
        make("in.text", outputs=(out("text", TEXT, Source.USER),), params=(NAME,), purpose=Purpose.INPUTS),
        make(
            "in.image", outputs=(out("image", IMAGE, Source.UPLOAD),), params=(NAME,), purpose=Purpose.INPUTS
        ),
        make(
            "in.number", outputs=(out("number", NUMBER, Source.USER),), params=(NAME,), purpose=Purpose.INPUTS
        ),
        make("author.text", outputs=(out("text", TEXT, Source.AUTHOR),)),
        # Nobody says who makes this: policies must treat it as everybody's.
        make("found.text", outputs=(out("text", TEXT),)),
        make("text.split", inputs=(inp("text", TEXT),), outputs=(out("texts", TEXTS),)),
        make("text.join", inputs=(inp("texts", TEXTS),), outputs=(out("text", TEXT),), params=(COUNT,)),
        make(
            "text.template",
            outputs=(out("text", TEXT, Source.AUTHOR),),
            params=(TEMPLATE,),
            dynamic=Dynamic("inputs", "template", "placeholders", TEXT),
        ),
        make(
            "llm.ask",
            inputs=(inp("prompt", TEXT, Sink.MODEL),),
            outputs=(out("text", TEXT, Source.MODEL),),
            resource=Resource.CPU,
        ),
        make(
            "llm.reason",
            inputs=(inp("prompt", TEXT, Sink.MODEL), inp("system", TEXT, Sink.MODEL, required=False)),
            outputs=(out("text", TEXT, Source.MODEL), out("reasons", TEXT, Source.MODEL)),
            resource=Resource.CPU,
        ),
        make(
            "llm.told",
            inputs=(inp("prompt", TEXT, Sink.MODEL),),
            outputs=(out("text", TEXT, Source.MODEL),),
            params=(SYSTEM, STOP),
            resource=Resource.CPU,
        ),
        make(
            "image.draw",
            inputs=(inp("prompt", TEXT, Sink.MODEL), inp("image", IMAGE, Sink.MODEL, required=False)),
            outputs=(out("image", IMAGE, Source.MODEL),),
            resource=Resource.GPU,
        ),
        make(
            "image.read", inputs=(inp("image", IMAGE),), outputs=(out("text", TEXT),), resource=Resource.CPU
        ),
        make(
            "control.if",
            inputs=(inp("value", ANY), inp("condition", BOOLEAN, required=False)),
            outputs=(out("then", ANY), out("otherwise", ANY)),
            purpose=Purpose.CONTROL,
            routes=True,
        ),
        make(
            "control.switch",
            inputs=(inp("value", ANY), inp("on", TEXT, required=False)),
            outputs=(out("other", ANY),),
            params=(CASES,),
            purpose=Purpose.CONTROL,
            routes=True,
            dynamic=Dynamic("outputs", "cases", "lines", ANY),
        ),
        # What a person is shown here is of any type, and goes to them before it goes on.
        make(
            "person.approve",
            inputs=(inp("value", ANY, Sink.PERSON),),
            outputs=(out("yes", ANY), out("no", ANY)),
            params=(QUESTION, LIMIT),
            purpose=Purpose.CONTROL,
            routes=True,
            asks=Asks("question", "limit", ("yes", "no")),
        ),
        make(
            "person.ask",
            inputs=(inp("value", ANY, Sink.PERSON, required=False),),
            outputs=(out("answer", TEXT, Source.USER),),
            params=(QUESTION, LIMIT),
            purpose=Purpose.CONTROL,
            asks=Asks("question", "limit"),
        ),
        make("call.it", params=(CALLED,), purpose=Purpose.CONTROL),
        make(
            "loop.it",
            params=(CALLED, TIMES, AT, *CONDITION),
            purpose=Purpose.CONTROL,
            repeat=Repeat("loop", bound="times", port="at"),
        ),
        make(
            "map.it",
            params=(CALLED, TIMES, AT),
            purpose=Purpose.CONTROL,
            repeat=Repeat("map", bound="times", port="at"),
        ),
        make("out.text", inputs=(inp("text", TEXT, Sink.PERSON),), params=(NAME,), purpose=Purpose.OUTPUTS),
        make(
            "out.texts", inputs=(inp("texts", TEXTS, Sink.PERSON),), params=(NAME,), purpose=Purpose.OUTPUTS
        ),
        make("out.json", inputs=(inp("data", JSON, Sink.PERSON),), params=(NAME,), purpose=Purpose.OUTPUTS),
        make(
            "out.image", inputs=(inp("image", IMAGE, Sink.PERSON),), params=(NAME,), purpose=Purpose.OUTPUTS
        ),
        make(
            "out.number",
            inputs=(inp("number", NUMBER, Sink.PERSON),),
            params=(NAME,),
            purpose=Purpose.OUTPUTS,
        ),
    ]
)
