"""Weight formats: recognised by what the file says, never by its name. A pickle is refused under any name."""

import gzip
import json
import pickletools
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

# The longest safetensors header that its own library reads.
MAX_HEADER = 100_000_000
# Configuration, vocabulary and merge files of tokenizers stay below this.
MAX_TEXT = 64 * 1024 * 1024
NCNN_PARAM = b"7767517"
# How ncnn's own reader knows the encoding of the first weights: float16, int8, float32 or quantised.
NCNN_WEIGHTS = (0x01306B47, 0x000D4B38, 0x0002C056, 0)
CT2_LONGEST_NAME = 64
# NumPy's own header of an array, and in it a kind that is a plain number: no objects, no structures.
MAX_NPY_HEADER = 256
NPY_KIND = re.compile(rb"\x93NUMPY[\x01-\x03].{3,5}?\{'descr': '[<>|=][biufc]\d{1,2}', ", re.DOTALL)


class NotWeights(ValueError):
    """The file is nothing that Sluiceway loads. The message says what it seems to be."""


def recognise(path: Path) -> str:
    """The format of a weight file by its header: safetensors, gguf, onnx, ct2, ncnn, npz, sentencepiece, gzip-json, json
    or text.

    Raises NotWeights for anything else. Nothing is loaded or executed.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise NotWeights("the file is empty")
    for name, fits in _BINARY.items():
        if fits(path, head):
            return name
    if _is_text(path, head):
        return "json" if _is_json(path) else "text"
    if head[:2] == b"PK" or _is_pickle(path):
        raise NotWeights("it looks like a pickle, which could run code when it is loaded")
    raise NotWeights("its header is of no known weight format")


def _safetensors(path: Path, head: bytes) -> bool:
    if len(head) < 10:
        return False
    (length,) = struct.unpack("<Q", head[:8])
    if not 2 <= length <= min(MAX_HEADER, path.stat().st_size - 8) or head[8:9] != b"{":
        return False
    with path.open("rb") as file:
        file.seek(8)
        return _parses(file.read(length))


def _gguf(path: Path, head: bytes) -> bool:
    return head[:4] == b"GGUF" and len(head) >= 8 and struct.unpack("<I", head[4:8])[0] in (2, 3)


def _onnx(path: Path, head: bytes) -> bool:
    # A ModelProto begins with field 1, ir_version, a small number; next comes a text, a message or a number.
    return (
        head[0] == 0x08
        and 1 <= head[1] <= 20
        and len(head) > 16
        and head[2] in (0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42)
    )


def _ct2(path: Path, head: bytes) -> bool:
    # CTranslate2: version, then the length of the specification's name with its closing zero, then the name.
    if len(head) < 8:
        return False
    version, length = struct.unpack("<IH", head[:6])
    name = head[6 : 6 + length]
    return (
        2 <= version <= 16
        and 4 <= length <= CT2_LONGEST_NAME
        and name.endswith(b"Spec\0")
        and name[:-1].isalnum()
    )


def _ncnn(path: Path, head: bytes) -> bool:
    if head.startswith(NCNN_PARAM):
        return True
    # The weights have no header of their own; only beside a param file do they make sense.
    beside = any(_starts_with(other, NCNN_PARAM) for other in path.parent.glob("*.param"))
    return (
        path.suffix == ".bin"
        and beside
        and len(head) >= 4
        and struct.unpack("<I", head[:4])[0] in NCNN_WEIGHTS
    )


def _npz(path: Path, head: bytes) -> bool:
    """A zip of nothing but arrays of numbers: an array of objects would be a pickle."""
    if head[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return all(_is_array(archive, item) for item in archive.infolist())
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return False


def _is_array(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bool:
    with archive.open(item) as file:
        start = file.read(MAX_NPY_HEADER)
    kind = NPY_KIND.match(start)
    return item.filename.endswith(".npy") and kind is not None


def _sentencepiece(path: Path, head: bytes) -> bool:
    # Its first field is a piece, whose first field is its text; an unknown, a first and a last sign come first.
    return len(head) > 64 and head[0] == head[2] == 0x0A and b"<unk>" in head[:64] and b"</s>" in head[:64]


def _gzip_json(path: Path, head: bytes) -> bool:
    if head[:2] != b"\x1f\x8b":
        return False
    with gzip.open(path) as file:
        content = file.read(MAX_TEXT + 1)
    return len(content) <= MAX_TEXT and _parses(content)


_BINARY: dict[str, Callable[[Path, bytes], bool]] = {
    "safetensors": _safetensors,
    "gguf": _gguf,
    "onnx": _onnx,
    "ct2": _ct2,
    "ncnn": _ncnn,
    "gzip-json": _gzip_json,
    "npz": _npz,
    "sentencepiece": _sentencepiece,
}


def _is_text(path: Path, head: bytes) -> bool:
    """Readable text that is not a pickle of protocol 0, which is text as well."""
    if b"\0" in head or path.stat().st_size > MAX_TEXT:
        return False
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return not _is_pickle(path)


def _is_json(path: Path) -> bool:
    return _parses(path.read_bytes())


def _is_pickle(path: Path) -> bool:
    """Whether the file reads as pickle opcodes up to their end. They are listed, never run."""
    if path.stat().st_size > MAX_TEXT:
        return path.open("rb").read(1) == b"\x80"
    try:
        return any(code.name == "STOP" for code, _, _ in pickletools.genops(BytesIO(path.read_bytes())))
    except (ValueError, IndexError, EOFError, struct.error, UnicodeDecodeError, OverflowError):
        return False


def _parses(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic
