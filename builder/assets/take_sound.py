"""Takes in an uploaded sound: a WAV file, recognised by its header, bounded, and stripped of all but its samples."""

from builder.assets.taken import Taken
from builder.common.errors import Refused
from runtime.sound.wav import MEDIA_TYPE, NotASound, Wav, read_header, stripped
from runtime.words import Words

MAX_SECONDS = 600


def take_sound(content: bytes) -> Taken | None:
    """The sound; None when the bytes begin like no WAV file. No sample is looked at. Raises Refused."""
    try:
        wav = read_header(content)
    except NotASound:
        raise Refused(
            "damaged_sound",
            Words(
                "The sound is damaged, or stored in a way that not every browser plays.",
                "该音频已损坏，或其存储方式并非所有浏览器都能播放。",
            ),
            Words(
                "Save it as plain WAV (PCM) with one or two channels and 8 to 48 kHz.",
                "请另存为普通 WAV（PCM）格式：单声道或双声道，8 至 48 kHz。",
            ),
        ) from None
    if wav is None:
        return None
    _check_limits(wav)
    return Taken(MEDIA_TYPE, stripped(content, wav))


def _check_limits(wav: Wav) -> None:
    if wav.seconds > MAX_SECONDS:
        raise Refused(
            "too_long",
            Words(
                f"The sound lasts {wav.seconds:.0f} seconds; {MAX_SECONDS} are the limit.",
                f"该音频长 {wav.seconds:.0f} 秒，上限为 {MAX_SECONDS} 秒。",
            ),
            Words("Cut it into pieces.", "请将其剪成几段。"),
        )
