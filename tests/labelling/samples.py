"""Small real files of every kind that carries labels, and the labels that the tests write into them."""

import io
import struct
import wave

from PIL import Image

from runtime.labelling.marks import MADE_BY_MODEL, Aigc, Marks

AIGC = Aigc("1", "水闸示例<公司> & \"co\" 'x'", "0a1b2c3d")
MARKS = Marks(AIGC, MADE_BY_MODEL)
FIELDS = {
    "Label": "1",
    "ContentProducer": AIGC.producer,
    "ProduceID": "0a1b2c3d",
    "ReservedCode1": "",
    "ContentPropagator": "",
    "PropagateID": "",
    "ReservedCode2": "",
}
PICTURES = ("PNG", "JPEG", "WEBP")


def picture(kind: str, size: tuple[int, int] = (96, 64), mode: str = "RGB", **how: object) -> bytes:
    """A gradient: no two neighbouring columns alike, so that a shifted or changed pixel shows."""
    image = Image.linear_gradient("L").resize(size).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.radial_gradient("L").resize(size))
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def sound(frames: int = 801) -> bytes:
    """A mono WAV file with an odd number of bytes of data, which needs padding."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(128 + i % 100 for i in range(frames)))
    return out.getvalue()


def riff_chunks(content: bytes) -> dict[bytes, bytes]:
    """The chunks of a RIFF file, read with nothing of ours."""
    (size,) = struct.unpack_from("<I", content, 4)
    assert size + 8 == len(content)
    found, position = {}, 12
    while position < len(content):
        kind, length = struct.unpack_from("<4sI", content, position)
        found[kind] = content[position + 8 : position + 8 + length]
        position += 8 + length + length % 2
    assert position == len(content)
    return found


def start_of_material(content: bytes) -> int:
    """Where the file's own pixels or sound begin, by its structure: a signature has any two bytes in it some day."""
    if content.startswith(b"\xff\xd8"):
        position = 2
        while True:
            marker = content[position : position + 2]
            position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
            if marker == b"\xff\xda":
                return position
    if content.startswith(b"\x89PNG"):
        position = 8
        while content[position + 4 : position + 8] != b"IDAT":
            position += 12 + int.from_bytes(content[position : position + 4], "big")
        return position + 8
    position = 12
    while content[position : position + 4] not in (b"data", b"VP8 "):
        length = int.from_bytes(content[position + 4 : position + 8], "little")
        position += 8 + length + length % 2
    return position + 8
