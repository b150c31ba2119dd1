"""text.generate: a language model answers a prompt, word by word."""

from collections.abc import Iterator, Mapping

from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context, Models
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import TEXT
from runtime.providers import split_ref
from runtime.words import Words

SPEC = NodeSpec(
    type="text.generate",
    version=1,
    title=Words("Generate text", "生成文本"),
    summary=Words("A language model answers the prompt.", "由语言模型回答提示词。"),
    help=Words(
        "The answer streams while it is written, after its gate has passed it. "
        "The built-in model is very small: simple English, short answers, and facts that are often wrong.",
        "回答会边生成边显示，且每一部分都先经过安全闸门。内置模型非常小：只擅长简单英文和简短回答，所述事实常有错误。",
    ),
    purpose=Purpose.LANGUAGE,
    icon="message-chatbot",
    inputs=(Input("prompt", TEXT, Words("Prompt", "提示词"), sink=Sink.MODEL),),
    outputs=(Output("text", TEXT, Words("Text", "文本"), source=Source.MODEL, streams=True),),
    params=(
        Param(
            "model",
            ParamKind.MODEL,
            Words("Model", "模型"),
            Reach.NOWHERE,
            default="smollm2",
            required=True,
            capability="text",
        ),
        Param(
            "system",
            ParamKind.MULTILINE,
            Words("Instructions", "系统指令"),
            Reach.MODEL,
            default="",
            help=Words(
                "How the model should behave; the user does not see it.",
                "模型应如何表现；用户看不到这些内容。",
            ),
            max_length=8_000,
        ),
        Param(
            "max_tokens",
            ParamKind.INTEGER,
            Words("Longest answer", "最大长度"),
            Reach.MODEL,
            default=256,
            required=True,
            help=Words(
                "In tokens; a token is about three quarters of an English word.",
                "以词元计；一个词元约为四分之三个英文单词。",
            ),
            minimum=1,
            maximum=4_096,
        ),
        Param(
            "temperature",
            ParamKind.NUMBER,
            Words("Temperature", "温度"),
            Reach.MODEL,
            default=0.2,
            required=True,
            help=Words(
                "0 repeats the likeliest words; higher is more varied.", "0 总是选择最可能的词；越高越多样。"
            ),
            minimum=0,
            maximum=2,
            step=0.1,
        ),
        Param(
            "stop",
            ParamKind.LINES,
            Words("Stop at", "停止词"),
            Reach.MODEL,
            default=[],
            help=Words("The answer ends before any of these.", "遇到其中任意一项时，回答在其之前结束。"),
            advanced=True,
        ),
        Param(
            "seed",
            ParamKind.INTEGER,
            Words("Seed", "随机种子"),
            Reach.MODEL,
            default=1,
            required=True,
            help=Words("The same seed gives the same answer.", "相同的种子会得到相同的回答。"),
            minimum=0,
            maximum=2**32 - 2,
            advanced=True,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
    alike=("model",),
)


def ready(models: Models, named: Mapping[str, str]) -> Iterator[None]:
    from runtime.models import llama

    with models.use(named["model"], llama.load, "text"):
        yield


@node_type(SPEC, ready)
def text_generate(
    context: Context,
    *,
    prompt: str,
    model: str,
    system: str,
    max_tokens: int,
    temperature: float,
    stop: list[str],
    seed: int,
) -> Outputs:
    from runtime.models.chat import Question, open_chat

    written: list[str] = []

    def on_token(piece: str) -> None:
        context.check()
        written.append(piece)
        # Stripped at both ends, so that each offer is a beginning of the final text.
        if text := "".join(written).strip():
            context.stream("text", text)
        context.progress(len(written), max_tokens)

    question = Question(prompt, system, int(max_tokens), float(temperature), tuple(stop), int(seed))
    with open_chat(context, model, in_workflow=True) as chat:
        context.check()
        with context.batches.aside(context.check) as back:

            def hear(piece: str) -> None:
                with back():
                    on_token(piece)

            figures = chat.answer(question, hear)
    context.cost(
        device=remote[0] if (remote := split_ref(model)) else "cpu",
        model=model,
        tokens=figures.tokens,
        prompt_tokens=figures.prompt_tokens,
        tokens_per_second=figures.tokens_per_second,
    )
    return {"text": "".join(written).strip()}
