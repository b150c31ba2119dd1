"""Recordings as browsers and people save them: what is kept of them, what they sound like, and what is refused."""

import io
import random
import zlib

import numpy as np
import pytest
import soundfile

from runtime.sound import recorded
from runtime.sound.decode import decoded
from runtime.sound.ogg import read_ogg
from runtime.sound.plain import plain_sound
from runtime.sound.recorded import TooLong, read_recorded
from runtime.sound.wav import NotASound, read_plain
from tests.sound.recordings import NAMES, RATE, film, recording
from tests.sound.sounds import tone

TYPES = {"opus": "audio/ogg", "vorbis": "audio/ogg", "webm": "audio/ogg", "mp3": "audio/mpeg"}


def taken(content: bytes) -> tuple[int, np.ndarray]:
    """What goes on of an upload."""
    found = read_recorded(content)
    assert found is not None
    return read_plain(plain_sound(found.content))


def pitch(samples: np.ndarray, rate: int) -> float:
    """The loudest frequency."""
    return float(np.argmax(np.abs(np.fft.rfft(samples[:rate], rate))))


@pytest.mark.parametrize("name", [*NAMES, "flac24"])
def test_each_form_goes_on_as_one_channel_that_sounds_the_same_without_its_tags(name: str) -> None:
    left, right = tone(1.2, RATE, 440), tone(1.2, RATE, 440, 0.2)
    content = recording(name, left, right)
    found = read_recorded(content)
    assert found is not None
    assert b"Ada" in content and b"Ada" not in found.content
    assert found.media_type == TYPES.get(name, "audio/flac")
    rate, samples = taken(content)
    assert pitch(samples, rate) == 440
    assert 1.15 * rate < len(samples) < 1.3 * rate
    assert abs(float(np.abs(samples).max()) / 32_768 - 0.35) < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_taken_again_and_stays_as_it_is(name: str) -> None:
    found = read_recorded(recording(name, tone(0.4, RATE)))
    assert found is not None
    again = read_recorded(found.content)
    assert again is not None and again.content == found.content


@pytest.mark.parametrize("name", NAMES)
def test_channels_that_cancel_each_other_out_are_silent_in_every_form(name: str) -> None:
    _, samples = taken(recording(name, tone(0.5, RATE), -tone(0.5, RATE)))
    assert np.abs(samples).max() < 1_000


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_an_mp3_keeps_its_rate(rate: int) -> None:
    got, samples = taken(recording("mp3", tone(1, rate, 440), rate=rate))
    assert got == rate and pitch(samples, rate) == 440


def test_an_mp3_between_tags_and_cut_off_in_a_frame_is_taken() -> None:
    content = recording("mp3", tone(1, RATE))
    picture = b"ID3\x04\0\0\0\0\x07\x08" + b"\xff\xfb\x90\x64" * 226  # a tag full of what frames begin with
    found = read_recorded(picture + content + b"TAG" + b"Ada's kitchen".ljust(125, b"\0"))
    assert found is not None and b"Ada" not in found.content
    assert read_recorded(content[:-100]) is not None


def test_what_would_play_longer_than_ten_minutes_is_refused_by_its_header_or_while_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contents = [recording(name, tone(1.2, RATE)) for name in NAMES]
    kept = [found.content for found in map(read_recorded, contents) if found]
    monkeypatch.setattr(recorded, "MAX_SECONDS", 1)
    monkeypatch.setattr("runtime.sound.decode.MAX_SECONDS", 1)
    for content in contents:
        with pytest.raises(TooLong):
            read_recorded(content)
    for content in kept:
        with pytest.raises(TooLong):
            plain_sound(content)


def test_a_small_file_of_hours_of_silence_is_stopped_at_ten_minutes_whatever_it_says() -> None:
    """Sixteen minutes of silence are some kilobytes of FLAC; the header is made to say that nobody knows."""
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", 8_000, 1, format="FLAC", subtype="PCM_16") as file:
        for _ in range(16):
            file.write(np.zeros(60 * 8_000))
    content = bytearray(out.getvalue())
    assert len(content) < 200_000
    with pytest.raises(TooLong):
        read_recorded(bytes(content))
    content[8 + 13] &= 0xF0
    content[8 + 14 : 8 + 18] = bytes(4)
    found = read_recorded(bytes(content))
    assert found is not None
    with pytest.raises(TooLong):
        plain_sound(found.content)


def test_a_film_is_no_sound() -> None:
    with pytest.raises(NotASound):
        read_recorded(film())


@pytest.mark.parametrize("name", ["flac", "mp3", "opus"])
def test_more_than_two_channels_or_too_high_a_rate_is_refused(name: str) -> None:
    if name != "mp3":
        with pytest.raises(NotASound):
            read_recorded(recording(name, *[tone(0.2, RATE)] * 3))
    if name == "flac":
        with pytest.raises(NotASound):
            read_recorded(recording("flac", tone(0.2, 96_000), rate=96_000))


def test_two_streams_in_one_file_are_refused_one_after_the_other_and_side_by_side() -> None:
    first, second = recording("opus", tone(0.3, RATE)), recording("vorbis", tone(0.3, RATE))
    for content in (first + second, first + first):
        with pytest.raises(NotASound):
            read_recorded(content)


def test_a_page_with_another_checksum_is_refused() -> None:
    content = bytearray(recording("opus", tone(0.3, RATE)))
    content[-5] ^= 1
    with pytest.raises(NotASound):
        read_ogg(bytes(content))


@pytest.mark.parametrize(
    "content", [b"", b"OggS", b"fLaC", b"\x1a\x45\xdf\xa3", b"ID3\x04", b"\xff\xfb\x90\x64"]
)
def test_a_beginning_alone_is_no_sound(content: bytes) -> None:
    try:
        assert read_recorded(content) is None
    except NotASound:
        pass


@pytest.mark.parametrize("name", NAMES)
def test_no_damaged_recording_makes_the_reader_or_the_decoder_fail_otherwise(name: str) -> None:
    """Truncated, overwritten, shortened and lengthened at random, always alike."""
    whole = recording(name, tone(0.3, RATE), tone(0.3, RATE, 300))
    kept = read_recorded(whole)
    assert kept is not None
    chance = random.Random(zlib.crc32(name.encode()))
    for _ in range(60):
        for content, take in ((whole, read_recorded), (kept.content, plain_sound)):
            try:
                found = take(_damaged(content, chance))
                if isinstance(found, recorded.Recorded):
                    plain_sound(found.content)
            except (NotASound, TooLong):
                pass


def _damaged(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    match chance.randrange(4):
        case 0:
            del made[chance.randrange(len(made)) :]
        case 1:
            for _ in range(chance.randrange(1, 20)):
                made[chance.randrange(len(made))] = chance.randrange(256)
        case 2:
            start = chance.randrange(len(made))
            del made[start : start + chance.randrange(1, 200)]
        case _:
            start = chance.randrange(len(made))
            made[start:start] = chance.randbytes(chance.randrange(1, 200))
    return bytes(made)


def test_the_decoder_takes_no_other_form_of_its_library() -> None:
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", 16_000, 1, format="AIFF", subtype="PCM_16") as file:
        file.write(tone(0.1))
    with pytest.raises(NotASound):
        decoded(out.getvalue(), lambda: None)
