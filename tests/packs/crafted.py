"""Picture files that say one thing and show another."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

SECRET = b"another picture or an archive"


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_chunks(content: bytes) -> list[bytes]:
    """The kinds of a PNG's chunks, in order."""
    kinds, position = [], 8
    while position < len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        kinds.append(kind)
        position += 12 + length
    return kinds


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """The PNG with these chunks behind its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def behind_a_gamma(scene: Image.Image, gamma: float = 0.005, payload: bytes = b"") -> bytes:
    """A PNG of 16 bits a colour, near white for whoever does not apply its gamma; browsers show the scene."""
    wanted = np.asarray(scene.convert("RGB"), dtype=np.float64) / 255
    # A browser shows stored ** (1 / (gamma * 2.2)).
    stored = (np.clip(wanted, 0.05, 1) ** (gamma * 2.2) * 65_535).round().astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in stored)
    header = struct.pack(">IIBBBBB", scene.width, scene.height, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))
        + png_chunk(b"IDAT", zlib.compress(rows) + payload)
        + png_chunk(b"IEND", b"")
    )


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """The JPEG with these segments behind its first."""
    (length,) = struct.unpack_from(">H", jpeg, 4)
    return jpeg[: 4 + length] + b"".join(segments) + jpeg[4 + length :]


def thumbnail(scene: Image.Image) -> bytes:
    """A JFXX segment whose thumbnail is a whole JPEG."""
    out = io.BytesIO()
    scene.save(out, "JPEG", comment=SECRET)
    return jpeg_segment(0xE0, b"JFXX\0\x10" + out.getvalue())
