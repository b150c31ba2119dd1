"""speech.transcribe: what is said in a sound, as text."""

from collections.abc import Iterator, Mapping

from runtime.errors import UserError
from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context, Models
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import AUDIO, TEXT
from runtime.sound.wav import NotASound, read_plain
from runtime.sound.whisper import CAPABILITY, MODEL, joined, load
from runtime.values import AssetRef
from runtime.words import Words

SPEC = NodeSpec(
    type="speech.transcribe",
    version=1,
    title=Words("Transcribe speech", "语音转文字"),
    summary=Words("Writes down what is said in a sound.", "将音频中的话语转写为文字。"),
    help=Words(
        "English and Chinese. Names, numbers and words in noise are often wrong. The text is a model's, and meets its "
        "own gates wherever it goes.",
        "支持中英文。人名、数字和噪声中的话语常有错误。文字由模型生成，无论送往何处都会先经过相应的闸门。",
    ),
    purpose=Purpose.LANGUAGE,
    icon="text-caption",
    inputs=(Input("audio", AUDIO, Words("Sound", "音频"), sink=Sink.MODEL),),
    outputs=(Output("text", TEXT, Words("Text", "文本"), source=Source.MODEL, streams=True),),
    params=(
        Param(
            "model",
            ParamKind.MODEL,
            Words("Model", "模型"),
            Reach.NOWHERE,
            default=MODEL,
            required=True,
            capability=CAPABILITY,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
)


def ready(models: Models, named: Mapping[str, str]) -> Iterator[None]:
    with models.use(named["model"], load, CAPABILITY):
        yield


@node_type(SPEC, ready)
def speech_transcribe(context: Context, *, audio: AssetRef, model: str) -> Outputs:
    try:
        rate, samples = read_plain(context.assets.read(audio))
    except NotASound as fault:
        raise UserError(
            "sound_unreadable",
            Words("The sound cannot be read.", "无法读取该音频。"),
            Words("Give it by way of a sound input.", "请通过音频输入节点提供。"),
        ) from fault
    seconds = len(samples) / rate
    texts: list[str] = []
    with context.models.use(model, load, CAPABILITY) as listener:
        for heard in listener.hear(samples, rate, context.check):
            texts += heard.texts[:1]
            if text := joined(texts):
                context.stream("text", text)
            context.progress(heard.start, seconds)
    context.cost(device="cpu", model=model)
    return {"text": joined(texts)}
