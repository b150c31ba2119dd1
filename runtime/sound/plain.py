"""Plain: any sound that is taken, as the one channel of 16-bit samples in which it goes on."""

from collections.abc import Callable

from runtime.sound import ogg, wav
from runtime.sound.decode import decoded
from runtime.sound.mpeg import begins_like_mp3
from runtime.sound.recorded import FLAC_MARK, MAX_SECONDS, TooLong
from runtime.sound.wav import NotASound


def plain_sound(content: bytes, check: Callable[[], None] = lambda: None) -> bytes:
    """The plain form, by way of its samples alone. `check` may raise. Raises NotASound, TooLong.

    Two channels may cancel each other out, or say two things: what goes on is the same for filter and person.
    """
    check()
    found = wav.read_header(content)
    if found is not None:
        if found.seconds > MAX_SECONDS:
            raise TooLong(found.seconds)
        return wav.write_plain(wav.mixed(content, found), found.rate)
    # A decoder is shown nothing but what begins like one of its own.
    if not content.startswith((ogg.MARK, FLAC_MARK)) and not begins_like_mp3(content):
        raise NotASound("it is no sound that we read")
    rate, samples = decoded(content, check)
    return wav.write_plain(samples, rate)
