"""Frames: whole JSON objects or nothing."""

import io
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.worker.frames import LARGEST, LENGTH, BrokenFrame, Writer, read_frame

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=5))
def test_frames_come_back_as_they_were_sent(frames: list[dict[str, object]]) -> None:
    pipe = io.BytesIO()
    for frame in frames:
        Writer(pipe).send(frame)
    pipe.seek(0)
    assert [read_frame(pipe) for _ in frames] == frames
    assert read_frame(pipe) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"\0\0",
        LENGTH.pack(10) + b"short",
        LENGTH.pack(LARGEST + 1),
        LENGTH.pack(2) + b"[]",
        LENGTH.pack(1) + b"{",
    ],
)
def test_what_is_no_frame_is_refused(raw: bytes) -> None:
    with pytest.raises((BrokenFrame, json.JSONDecodeError)):
        read_frame(io.BytesIO(raw))


def test_frames_of_several_threads_do_not_mix() -> None:
    pipe = io.BytesIO()
    writer = Writer(pipe)
    threads = [
        threading.Thread(target=lambda n=n: [writer.send({"n": n, "text": str(n) * 500}) for _ in range(50)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.seek(0)
    frames = [read_frame(pipe) for _ in range(200)]
    assert all(frame is not None and frame["text"] == str(frame["n"]) * 500 for frame in frames)
