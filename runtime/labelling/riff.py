"""RIFF: chunks of a type, a length and data, padded to even. WebP and WAV keep XMP and C2PA in chunks, WAV the AIGC label too."""

from collections.abc import Iterable, Iterator

XMP, CREDENTIAL, AIGC, EXTENDED = b"XMP ", b"C2PA", b"AIGC", b"VP8X"
# The name that XMP's specification gives its chunk in WAV.
WAV_XMP = b"_PMX"
HAS_ALPHA, HAS_XMP = 0x10, 0x04

Chunk = tuple[bytes, bytes]


def is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def is_wav(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def embed_xmp(content: bytes, packet: bytes, size: tuple[int, int], alpha: bool) -> bytes:
    """The same WebP picture with this packet and no other. `size` is pixels, `alpha` whether any is transparent."""
    kept = [chunk for chunk in _chunks(content) if chunk[0] != XMP]
    if kept[0][0] != EXTENDED:
        width, height = size
        header = bytes([HAS_ALPHA if alpha else 0, 0, 0, 0])
        header += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        kept.insert(0, (EXTENDED, header))
    header = kept[0][1]
    kept[0] = (EXTENDED, bytes([header[0] | HAS_XMP]) + header[1:])
    return _joined(b"WEBP", [*kept, (XMP, packet)])


def embed_in_wav(content: bytes, text: bytes | None, packet: bytes | None) -> bytes:
    """The same WAV sound with this AIGC label and this XMP packet, and no others."""
    kept = [chunk for chunk in _chunks(content) if chunk[0] not in (AIGC, WAV_XMP)]
    added = [(kind, data) for kind, data in ((AIGC, text), (WAV_XMP, packet)) if data is not None]
    return _joined(b"WAVE", [*kept, *added])


def find(content: bytes, kind: bytes) -> bytes | None:
    return next((data for name, data in _chunks(content) if name == kind), None)


def without_credential(content: bytes) -> bytes:
    return _joined(content[8:12], (chunk for chunk in _chunks(content) if chunk[0] != CREDENTIAL))


def _chunks(content: bytes) -> Iterator[Chunk]:
    """ValueError when the file ends inside of a chunk."""
    position, end = 12, 8 + int.from_bytes(content[4:8], "little")
    if end > len(content) or end < 20:
        raise ValueError("the RIFF file is shorter than it says")
    while position + 8 <= end:
        length = int.from_bytes(content[position + 4 : position + 8], "little")
        stop = position + 8 + length
        if stop > end:
            raise ValueError("the RIFF file ends inside of a chunk")
        yield content[position : position + 4], content[position + 8 : stop]
        position = stop + length % 2


def _joined(form: bytes, chunks: Iterable[Chunk]) -> bytes:
    written = [
        kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2) for kind, data in chunks
    ]
    body = form + b"".join(written)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
