"""input.audio: a sound that whoever runs the workflow uploads."""

from runtime.errors import UserError
from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import AUDIO
from runtime.sound.plain import plain_sound
from runtime.sound.recorded import TooLong
from runtime.sound.wav import MEDIA_TYPE, NotASound
from runtime.values import AssetRef
from runtime.words import Words

SPEC = NodeSpec(
    type="input.audio",
    version=1,
    title=Words("Sound input", "音频输入"),
    summary=Words("A sound that is asked for at each run.", "每次运行时上传的音频。"),
    help=Words(
        "Becomes an upload field of the run form: WAV, MP3, FLAC, Ogg or WebM (Opus), up to ten minutes. The file is "
        "checked by its header, and its samples are written anew as one plain channel before anything listens to it.",
        "会成为运行表单中的上传字段：WAV、MP3、FLAC、Ogg 或 WebM（Opus）格式，最长十分钟。文件会先按文件头检查，其采样会混合为一个声道并重新写成普通文件，然后才会被使用。",
    ),
    purpose=Purpose.INPUTS,
    icon="microphone",
    inputs=(),
    outputs=(Output("audio", AUDIO, Words("Sound", "音频"), source=Source.UPLOAD),),
    params=(
        Param(
            "name",
            ParamKind.TEXT,
            Words("Name", "名称"),
            Reach.DRAWING,
            help=Words("Unique among the inputs, e.g. recording.", "在所有输入中唯一，例如 recording。"),
            max_length=64,
        ),
        Param(
            "label",
            ParamKind.TEXT,
            Words("Label", "标签"),
            Reach.DRAWING,
            help=Words("What people see above the field.", "显示在字段上方的文字。"),
            max_length=200,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
    # A file can be built so that decoding it takes for ever.
    time_limit=60.0,
)


@node_type(SPEC)
def input_audio(context: Context, *, name: str | None, label: str | None) -> Outputs:
    given = context.arguments.get(name or context.step_id)
    if not isinstance(given, AssetRef):
        raise UserError(
            "input_missing",
            Words("{name}: a sound is needed.", "{name}：需要一段音频。").fill(
                name=label or name or context.step_id
            ),
            Words("Upload one and run again.", "请上传后重新运行。"),
        )
    content = context.assets.read(given)
    try:
        plain = plain_sound(content, context.check)
    except NotASound as fault:
        raise UserError(
            "sound_unreadable",
            Words("The sound cannot be read.", "无法读取该音频。"),
            Words("Save it again as plain WAV (PCM) or MP3.", "请重新保存为普通 WAV（PCM）或 MP3 格式。"),
        ) from fault
    except TooLong as fault:
        raise UserError(
            "sound_too_long",
            Words("The sound lasts longer than ten minutes.", "该音频超过十分钟。"),
            Words("Cut it into pieces.", "请将其剪成几段。"),
        ) from fault
    return {"audio": context.assets.write(plain, MEDIA_TYPE)}
