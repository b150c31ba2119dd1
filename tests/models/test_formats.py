"""Weight formats are told by their headers, and a pickle is none of them under any name."""

import gzip
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.models.formats import NotWeights, recognise
from tests.models.cache import real_models

SAFE = safetensors.numpy.save({"w": np.zeros(4)})


def npz(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


NPZ = npz(w=np.zeros((3, 4), np.float32), eps=np.float64(1e-6), q=np.zeros(9, np.uint8))
SENTENCEPIECE = (
    b"\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02\x0a\x0d\x0a\x04</s>\x15\0\0\0\0\x18\x03"
    + b"\x0a\x04\x0a\x02ab" * 9
)
CT2 = struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + struct.pack("<I", 3) + b"\0" * 64


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (SAFE, "safetensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "gguf"),
        (CT2, "ct2"),
        (NPZ, "npz"),
        (SENTENCEPIECE, "sentencepiece"),
        (gzip.compress(json.dumps({"a": [1]}).encode()), "gzip-json"),
        (b'{"_class_name": "X"}', "json"),
        (b"#version: 0.2\nt h\nth e</w>\n", "text"),
        ("词表\n一\n".encode(), "text"),
    ],
)
def test_a_format_is_told_by_its_header_under_any_name(content: bytes, expected: str, tmp_path: Path) -> None:
    for name in ("weights.pt", "model", "x.JSON"):
        path = tmp_path / name
        path.write_bytes(content)
        assert recognise(path) == expected


def test_the_installed_models_are_recognised() -> None:
    shelf = real_models()
    found = {
        (name, file["format"])
        for name in ("smollm2", "opennsfw", "svguardian", "realesr")
        for file in (shelf.provenance(name) or {})["files"]
    }
    assert found == {
        ("smollm2", "gguf"),
        ("opennsfw", "onnx"),
        ("svguardian", "gzip-json"),
        ("realesr", "ncnn"),
    }


class Ran(Exception):
    pass


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('a pickle was loaded')",)


def torch_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Payload()))
        archive.writestr("archive/data/0", b"\0" * 64)
    return out.getvalue()


PICKLES = {
    **{f"protocol {protocol}": pickle.dumps(Payload(), protocol) for protocol in range(6)},
    **{f"list, protocol {protocol}": pickle.dumps([{"a": 1.5}], protocol) for protocol in range(6)},
    "written by hand": b"cos\nsystem\n(S'true'\ntR.",
    "torch archive": torch_zip(),
    "gzipped": gzip.compress(pickle.dumps(Payload())),
    "after a magic number": pickle.dumps(0x1950A86A20F9469CFC6C) + pickle.dumps(Payload()),
}
NAMES = [
    "model.safetensors", "MODEL.SAFETENSORS", "weights.gguf", "net.onnx", "model.bin", "config.json", "merges.txt",
    "weights.bin", "pytorch_model.bin", "model.ckpt",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", PICKLES)
def test_a_pickle_is_refused_under_any_name(kind: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "x2.param").write_bytes(b"7767517\n1 1\n")  # beside it, ncnn weights would be allowed
    path = tmp_path / name
    path.write_bytes(PICKLES[kind])
    with pytest.raises(NotWeights):
        recognise(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GGUF" + struct.pack("<I", 99),
        struct.pack("<Q", 2**60) + b"{" + b"x" * 64,
        struct.pack("<Q", 40) + b"{" + b"x" * 64,
        b"\x7fELF" + b"\0" * 64,
        b"MZ" + b"\0" * 64,
        b"PK\x03\x04" + b"\0" * 64,
        gzip.compress(b"not json"),
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
    ],
)
def test_what_is_nothing_known_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(NotWeights):
        recognise(path)


def test_an_array_of_objects_or_anything_else_in_a_zip_of_arrays_is_refused(tmp_path: Path) -> None:
    objects = npz(w=np.zeros(2), evil=np.array([{"a": 1}], dtype=object))
    structured = npz(w=np.zeros(2, dtype=[("a", "O")]))
    beside = io.BytesIO(NPZ)
    with zipfile.ZipFile(beside, "a") as archive:
        archive.writestr("data.pkl", pickle.dumps(1))
    path = tmp_path / "weights.npz"
    for content in (objects, structured, beside.getvalue(), NPZ[: len(NPZ) // 2]):
        path.write_bytes(content)
        with pytest.raises(NotWeights):
            recognise(path)


def test_a_gzip_bomb_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "model.json.gz"
    path.write_bytes(gzip.compress(b"[" + b" " * (80 * 1024 * 1024) + b"]"))
    with pytest.raises(NotWeights):
        recognise(path)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from([SAFE, CT2, PICKLES["protocol 4"], b"GGUF" + b"\0" * 40]), st.data())
def test_a_damaged_header_never_breaks_the_reader(
    tmp_path: Path, content: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "w"
    path.write_bytes(bytes(damaged[: data.draw(st.integers(1, len(damaged)))]))
    try:
        recognise(path)
    except NotWeights:
        pass
