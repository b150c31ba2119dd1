"""PNG: chunks of a length, a type, data and a checksum. XMP stands in an iTXt chunk, a C2PA credential in caBX."""

import zlib
from collections.abc import Iterator

from runtime.labelling.marks import NotALabel

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"XML:com.adobe.xmp\0"
CREDENTIAL = b"caBX"
LONGEST_TEXT = 1_000_000  # bytes, unpacked


def embed_xmp(content: bytes, packet: bytes) -> bytes:
    """The same picture with this packet, and no other, behind its header."""
    body = KEYWORD + b"\0\0\0\0" + packet  # not compressed, in no language, under no translated keyword
    kept = [chunk for kind, data, chunk in _chunks(content) if not (kind == b"iTXt" and _is_xmp(data))]
    return b"".join([SIGNATURE, kept[0], _chunk(b"iTXt", body), *kept[1:]])


def xmp(content: bytes) -> bytes | None:
    for kind, data, _ in _chunks(content):
        if kind == b"iTXt" and _is_xmp(data):
            return _text(data[len(KEYWORD) :])
    return None


def without_credential(content: bytes) -> bytes:
    return SIGNATURE + b"".join(chunk for kind, _, chunk in _chunks(content) if kind != CREDENTIAL)


def _is_xmp(data: bytes) -> bool:
    return data.startswith(KEYWORD)


def _text(rest: bytes) -> bytes:
    packed = rest[:1] == b"\x01"
    _language, _, rest = rest[2:].partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    if not packed:
        return text
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(text, LONGEST_TEXT)
    except zlib.error:
        raise NotALabel("its XMP is broken") from None
    if unpacker.unconsumed_tail:
        raise NotALabel("its XMP is not plain")
    return plain


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Each chunk as its type, its data, and all of its bytes. ValueError when the file ends too soon."""
    position = len(SIGNATURE)
    while position < len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        end = position + 12 + length
        if end > len(content):
            raise ValueError("the PNG ends inside of a chunk")
        kind = content[position + 4 : position + 8]
        yield kind, content[position + 8 : end - 4], content[position:end]
        position = end
        if kind == b"IEND":
            return


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return len(data).to_bytes(4, "big") + kind + data + checksum.to_bytes(4, "big")
