"""MP4: films made and read by FFmpeg (PyAV) carry our label, play on, and FFmpeg's own labels are read by us."""

import io
import json
from pathlib import Path

import av
import numpy as np
import pytest

from runtime.labelling.credential import read_credential, sign
from runtime.labelling.files import Unreadable, embed, read
from runtime.labelling.identity import Identity, make_identity
from runtime.labelling.marks import MADE_BY_MODEL, Aigc, Marks, NotALabel
from tests.labelling.samples import AIGC, FIELDS, MARKS

FRAMES = 4


@pytest.fixture
def film(tmp_path: Path):
    """Writes a film; `flags` are those of FFmpeg's MP4 writer, `tags` its metadata."""

    def write(flags: str = "", **tags: str) -> bytes:
        path = tmp_path / "film.mp4"
        with av.open(str(path), "w", options={"movflags": flags} if flags else {}) as file:
            file.metadata.update(tags)
            stream = file.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for number in range(FRAMES):
                pixels = np.full((48, 64, 3), number * 60, np.uint8)
                file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            file.mux(stream.encode())
        return path.read_bytes()

    return write


def seen(content: bytes) -> tuple[dict[str, str], list[bytes]]:
    """The metadata and the decoded frames, by FFmpeg."""
    with av.open(io.BytesIO(content)) as file:
        frames = [frame.to_ndarray(format="rgb24").tobytes() for frame in file.decode(video=0)]
        return dict(file.metadata), frames


@pytest.mark.parametrize("flags", ["", "faststart", "use_metadata_tags"])
def test_a_film_gives_its_label_back_to_us_and_to_ffmpeg_and_plays_on(film, flags: str) -> None:
    plain = film(flags, title="before", comment="CANARY")
    marked = embed(plain, MARKS)
    assert read(marked) == Marks(AIGC)
    metadata, frames = seen(marked)
    assert json.loads(metadata["AIGC"]) == FIELDS
    assert frames == seen(plain)[1] and len(frames) == FRAMES
    assert "title" not in metadata and b"CANARY" not in marked


def test_a_second_label_replaces_the_first(film) -> None:
    marked = embed(embed(film("faststart"), Marks(Aigc("1", "before", "1"))), MARKS)
    assert read(marked) == Marks(AIGC)
    assert json.loads(seen(marked)[0]["AIGC"]) == FIELDS and b"before" not in marked


def test_a_label_that_ffmpeg_wrote_is_read(film) -> None:
    assert read(film("use_metadata_tags", AIGC=AIGC.to_text())) == Marks(AIGC)


def test_what_ffmpeg_writes_without_its_flag_carries_no_label(film) -> None:
    assert not read(film(AIGC=AIGC.to_text()))


def boxes(content: bytes) -> dict[bytes, tuple[int, int]]:
    """Where the boxes of the file itself begin and end."""
    found, at = {}, 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        found[content[at + 4 : at + 8]] = (at, at + size)
        at += size
    return found


@pytest.mark.parametrize("last", [b"mdat", b"moov"])
def test_a_last_box_that_runs_to_the_end_of_the_file_is_read_and_closed_before_a_label(
    film, last: bytes
) -> None:
    plain = film("faststart" if last == b"mdat" else "")
    start, end = boxes(plain)[last]
    assert end == len(plain)
    running = plain[:start] + bytes(4) + plain[start + 4 :]
    assert not read(running) and seen(running)[1] == seen(plain)[1]
    marked = embed(running, MARKS)
    assert marked == embed(plain, MARKS)
    assert read(marked) == Marks(AIGC) and json.loads(seen(marked)[0]["AIGC"]) == FIELDS
    assert seen(marked)[1] == seen(plain)[1]


def test_a_box_within_another_has_its_size(film) -> None:
    marked = embed(film(), MARKS)
    udta = marked.rindex(b"udta")
    with pytest.raises(Unreadable):
        read(marked[: udta - 4] + bytes(4) + marked[udta:])


def test_a_film_in_fragments_is_refused(film) -> None:
    with pytest.raises(Unreadable):
        embed(film("frag_keyframe+empty_moov"), MARKS)


def test_a_film_that_was_cut_anywhere_is_read_or_called_unreadable(film) -> None:
    marked = embed(film(), MARKS)
    for end in range(8, len(marked), 11):
        try:
            assert read(marked[:end]) in (Marks(), Marks(AIGC))
        except (Unreadable, NotALabel):
            continue


def test_a_film_is_not_signed_yet(film) -> None:
    """Its credential moves other boxes about: that nothing else came in could not be shown."""
    with pytest.raises(Unreadable):
        sign(film(), Identity.from_pem(make_identity()), MADE_BY_MODEL)
    assert read_credential(film()) is None
