"""WAV files: every form that is taken becomes the one plain form, and whatever is not what it says is refused."""

import io
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.sound.wav import (
    MOST_CHUNKS,
    NotASound,
    mixed,
    read_header,
    read_plain,
    stripped,
    write_plain,
)
from tests.sound.sounds import EXTENSIBLE, FLOAT, chunk, tone, wav

FORMS = [(8, 1), (16, 1), (24, 1), (32, 1), (32, FLOAT), (64, FLOAT), (24, EXTENSIBLE), (16, EXTENSIBLE)]


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
@pytest.mark.parametrize(("bits", "kind"), FORMS)
def test_every_form_becomes_the_same_plain_samples(bits: int, kind: int, rate: int) -> None:
    made = tone(0.05, rate)
    content = wav(made, rate=rate, bits=bits, kind=kind)
    header = read_header(content)
    assert header is not None
    assert (header.channels, header.rate, header.frames) == (1, rate, len(made))
    plain = write_plain(mixed(content, header), rate)
    got_rate, samples = read_plain(plain)
    assert got_rate == rate
    assert np.abs(samples / 32_768 - made).max() < (1 / 100 if bits == 8 else 1 / 30_000)
    with wave.open(io.BytesIO(plain)) as other:
        assert (other.getnchannels(), other.getsampwidth(), other.getframerate()) == (1, 2, rate)
        assert other.readframes(len(made)) == samples.tobytes()


def test_two_channels_are_heard_as_one() -> None:
    left, right = tone(hertz=300), tone(hertz=500)
    content = wav(left, right)
    header = read_header(content)
    assert header is not None
    assert np.abs(mixed(content, header) / 32_768 - (left + right) / 2).max() < 1e-4


def test_channels_that_cancel_each_other_out_are_silent_for_filter_and_person_alike() -> None:
    content = wav(tone(), -tone())
    header = read_header(content)
    assert header is not None
    assert np.abs(mixed(content, header)).max() <= 1


def test_a_long_sound_is_mixed_piece_by_piece_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    content = wav(tone(0.3), tone(0.3, hertz=90))
    header = read_header(content)
    assert header is not None
    at_once = mixed(content, header)
    monkeypatch.setattr("runtime.sound.wav.BLOCK", 7)
    assert (mixed(content, header) == at_once).all()


def test_what_stands_beside_the_samples_is_dropped() -> None:
    content = wav(tone(), before=chunk(b"LIST", b"INFOINAM\x05\0\0\0Ada's\0"), after=chunk(b"id3 ", b"home"))
    header = read_header(content)
    assert header is not None
    clean = stripped(content, header)
    assert b"Ada" not in clean and b"home" not in clean
    assert clean == wav(tone())


def test_a_file_of_crumbs_is_refused_soon() -> None:
    few, many = (chunk(b"junk", b"") * count for count in (MOST_CHUNKS - 10, MOST_CHUNKS))
    assert read_header(wav(tone(), before=few)) is not None
    with pytest.raises(NotASound):
        read_header(wav(tone(), before=many))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"RIFF\x04\0\0\0WEBP",
        b"\x89PNG\r\n\x1a\n",
        b"ID3\x04 an mp3",
        b"OggS and so on",
    ],
)
def test_what_begins_otherwise_is_no_wav(content: bytes) -> None:
    assert read_header(content) is None


BROKEN = {
    "nothing but a name": b"RIFF\x04\0\0\0WAVE",
    "cut off": wav(tone())[:-20],
    "samples before their description": b"RIFF\x1c\0\0\0WAVE" + chunk(b"data", bytes(16)),
    "described twice": wav(tone(), before=chunk(b"fmt ", bytes(16))),
    "no samples": wav(tone(0)),
    "mp3 inside": wav(tone(), form=0x55),
    "a law": wav(tone(), form=6),
    "extensible without its form": wav(tone(), form=EXTENSIBLE),
    "no channel": wav(tone(), channels=0),
    "six channels": wav(*[tone(0.01)] * 6),
    "a channel more than there are": wav(tone(), channels=2),
    "one sample a second": wav(tone(), rate=1),
    "four thousand million samples a second": wav(tone(), rate=2**29),
    "a description cut off": b"RIFF\x18\0\0\0WAVE" + chunk(b"fmt ", b"\x01\0") + chunk(b"data", b"\0\0"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_what_it_says_is_refused(name: str) -> None:
    with pytest.raises(NotASound):
        read_header(BROKEN[name])


@pytest.mark.parametrize("level", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_refused(level: float) -> None:
    made = tone(0.01)
    made[5] = level
    content = wav(made, bits=32, kind=FLOAT)
    header = read_header(content)
    assert header is not None
    with pytest.raises(NotASound):
        mixed(content, header)


def test_only_the_plain_form_is_heard() -> None:
    good = write_plain(np.zeros(100, np.int16), 16_000)
    assert read_plain(good)[1].tolist() == [0] * 100
    hidden = chunk(b"data", bytes(20))
    for content in (
        wav(tone(), tone()),
        wav(tone(), bits=8),
        wav(tone(), bits=32, kind=FLOAT),
        wav(tone(), after=hidden),
        wav(tone(), after=chunk(b"LIST", b"INFO")),
        good + b"more",
        b"no sound",
    ):
        with pytest.raises(NotASound):
            read_plain(content)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_make_the_reader_fail_otherwise(junk: bytes, at: int) -> None:
    good = wav(tone(0.005))
    for content in (b"RIFF" + junk, good[:at] + junk + good[at + len(junk) :]):
        try:
            header = read_header(content)
            if header is not None:
                mixed(content, header)
        except NotASound:
            pass
