"""Recordings made here: a sound as browsers, telephones and people save it, with names and pictures beside it."""

import io

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 48_000
# (container, coding) by what people call it.
FORMS = {
    "opus": ("OGG", "OPUS"),
    "vorbis": ("OGG", "VORBIS"),
    "flac": ("FLAC", "PCM_16"),
    "flac24": ("FLAC", "PCM_24"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
NAMES = ("opus", "vorbis", "flac", "mp3", "webm")


def recording(name: str, *channels: NDArray[np.float64], rate: int = RATE) -> bytes:
    """The channels as such a file, with a title in its tags."""
    if name in ("webm", "m4a"):
        return _filmed(name, np.stack(channels), rate)
    container, coding = FORMS[name]
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", rate, len(channels), format=container, subtype=coding) as file:
        file.title = "Ada's kitchen"
        file.write(np.stack(channels, axis=1))
    return out.getvalue()


def _filmed(name: str, levels: NDArray[np.float64], rate: int, film: bool = False) -> bytes:
    out = io.BytesIO()
    form, codec = ("webm", "libopus") if name == "webm" else ("mp4", "aac")
    with av.open(out, "w", format=form) as container:
        container.metadata["title"] = "Ada's kitchen"
        layout = "mono" if len(levels) == 1 else "stereo"
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if film:
            picture = container.add_stream("libvpx", rate=5)
            picture.width = picture.height = 32
        plain = np.ascontiguousarray(levels.T.reshape(1, -1) if len(levels) > 1 else levels)
        frame = av.AudioFrame.from_ndarray(plain.astype(np.float32), format="flt", layout=layout)
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()


def film() -> bytes:
    """A film with sound."""
    return _filmed("webm", np.zeros((1, RATE)), RATE, film=True)
