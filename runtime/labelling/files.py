"""Files: marks written into, and read from, each container that we know, told apart by its first bytes."""

from collections.abc import Callable
from enum import StrEnum
from io import BytesIO

from runtime.labelling import jpeg, mp4, png, riff, text, xmp
from runtime.labelling.marks import Aigc, Marks, NotALabel


class Container(StrEnum):
    """A kind of file, by its media type."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    WAV = "audio/wav"
    MP4 = "video/mp4"
    TEXT = "text/plain"


PICTURES = frozenset({Container.PNG, Container.JPEG, Container.WEBP})
# What else a text may hold besides letters and marks.
_BLANKS = frozenset("\t\n\r\f\ufeff")


class Unreadable(Exception):
    """The bytes are no file that we know, or a broken one."""


def recognise(content: bytes) -> Container:
    """What kind of file this is. Raises Unreadable."""
    if content.startswith(png.SIGNATURE):
        return Container.PNG
    if content.startswith(jpeg.SIGNATURE):
        return Container.JPEG
    if riff.is_webp(content):
        return Container.WEBP
    if riff.is_wav(content):
        return Container.WAV
    if mp4.is_mp4(content):
        return Container.MP4
    try:
        plain = content.decode()
    except UnicodeDecodeError:
        raise Unreadable("it is no kind of file that carries labels we know") from None
    if any(sign < " " and sign not in _BLANKS for sign in plain):
        raise Unreadable("it is no kind of file that carries labels we know")
    return Container.TEXT


def embed(content: bytes, marks: Marks) -> bytes:
    """The same file with these marks, and no others of their kind. Raises Unreadable.

    Film and text carry the AIGC label alone: the IPTC's word has its place in pictures and sounds.
    """
    try:
        return _embed(recognise(content), content, marks)
    except (ValueError, IndexError) as fault:
        raise Unreadable(str(fault)) from fault


def read(content: bytes) -> Marks:
    """The marks that a file carries. Raises Unreadable, and NotALabel for a label that breaks its standard."""
    try:
        return _read(recognise(content), content)
    except NotALabel:
        raise
    except (ValueError, IndexError) as fault:
        raise Unreadable(str(fault)) from fault


def without_credential(content: bytes) -> bytes:
    """The bytes as they were before a C2PA credential was put into them. Raises Unreadable."""
    take_out: dict[Container, Callable[[bytes], bytes]] = {
        Container.PNG: png.without_credential,
        Container.JPEG: jpeg.without_credential,
        Container.WEBP: riff.without_credential,
        Container.WAV: riff.without_credential,
    }
    container = recognise(content)
    if container not in take_out:
        raise Unreadable(f"a credential cannot be taken out of {container}")
    try:
        return take_out[container](content)
    except (ValueError, IndexError) as fault:
        raise Unreadable(str(fault)) from fault


def _embed(container: Container, content: bytes, marks: Marks) -> bytes:
    if container is Container.PNG:
        return png.embed_xmp(content, xmp.write_packet(marks))
    if container is Container.JPEG:
        return jpeg.embed_xmp(content, xmp.write_packet(marks))
    if container is Container.WEBP:
        return riff.embed_xmp(content, xmp.write_packet(marks), *_webp_facts(content))
    if container is Container.WAV:
        label = marks.aigc.to_text().encode() if marks.aigc else None
        packet = xmp.write_packet(Marks(None, marks.digital_source)) if marks.digital_source else None
        return riff.embed_in_wav(content, label, packet)
    if marks.aigc is None:
        return content
    if container is Container.MP4:
        return mp4.embed_aigc(content, marks.aigc.to_text().encode())
    return text.embed_aigc(content.decode(), marks.aigc).encode()


def _read(container: Container, content: bytes) -> Marks:
    if container is Container.TEXT:
        return text.read_marks(content.decode())
    if container is Container.WAV:
        packet = riff.find(content, riff.WAV_XMP)
        source = xmp.read_packet(packet).digital_source if packet is not None else None
        return Marks(_aigc(riff.find(content, riff.AIGC)).aigc, source)
    if container is Container.MP4:
        return _aigc(mp4.aigc(content))
    packets = {Container.PNG: png.xmp, Container.JPEG: jpeg.xmp}
    find = packets.get(container)
    packet = find(content) if find else riff.find(content, riff.XMP)
    return Marks() if packet is None else xmp.read_packet(packet)


def _aigc(found: bytes | None) -> Marks:
    if found is None:
        return Marks()
    try:
        return Marks(Aigc.from_text(found.rstrip(b"\0").decode()))
    except UnicodeDecodeError:
        raise NotALabel("it is no UTF-8") from None


def _webp_facts(content: bytes) -> tuple[tuple[int, int], bool]:
    """Width and height in pixels, and whether any pixel may be transparent; no pixel is decoded."""
    from PIL import Image  # heavy, and no other container needs it

    try:
        with Image.open(BytesIO(content), formats=("WEBP",)) as picture:
            return picture.size, picture.mode == "RGBA"
    except OSError as fault:
        raise ValueError("the WebP picture is broken") from fault
