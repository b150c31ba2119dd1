"""Takes in an uploaded sound: recognised by how it begins, bounded, and freed of all but its stream."""

from builder.assets.taken import Taken
from builder.common.errors import Refused
from runtime.sound.recorded import MAX_SECONDS, TooLong, read_recorded
from runtime.sound.wav import NotASound
from runtime.words import Words


def take_sound(content: bytes) -> Taken | None:
    """The sound; None when the bytes begin like none. No sample is looked at. Raises Refused."""
    if content[4:8] == b"ftyp":
        raise Refused(
            "unknown_sound",
            Words("M4A and MP4 files are not taken.", "不支持 M4A 与 MP4 文件。"),
            Words("Save the sound as MP3, WAV, FLAC or Ogg.", "请将音频另存为 MP3、WAV、FLAC 或 Ogg。"),
        )
    try:
        found = read_recorded(content)
    except NotASound:
        raise Refused(
            "damaged_sound",
            Words(
                "The sound is damaged, or stored in a way that is not taken.",
                "该音频已损坏，或其存储方式不受支持。",
            ),
            Words(
                "Save it as plain WAV (PCM) or MP3 with one or two channels and 8 to 48 kHz.",
                "请另存为普通 WAV（PCM）或 MP3 格式：单声道或双声道，8 至 48 kHz。",
            ),
        ) from None
    except TooLong as fault:
        raise _too_long(fault.seconds) from None
    return Taken(found.media_type, found.content) if found else None


def _too_long(seconds: float) -> Refused:
    return Refused(
        "too_long",
        Words(
            f"The sound lasts {seconds:.0f} seconds; {MAX_SECONDS} are the limit.",
            f"该音频长 {seconds:.0f} 秒，上限为 {MAX_SECONDS} 秒。",
        ),
        Words("Cut it into pieces.", "请将其剪成几段。"),
    )
