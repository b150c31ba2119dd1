"""XMP: the packet of metadata that pictures carry, with our two marks in it and nothing else."""

from xml.etree import ElementTree
from xml.sax.saxutils import escape

from runtime.labelling.marks import Aigc, Marks, NotALabel

# The namespace that TC260's guide for pictures (TC260-PG-20259A) gives the AIGC label.
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LONGEST = 1_000_000  # bytes
_SOURCE = "DigitalSourceType"


def write_packet(marks: Marks) -> bytes:
    aigc = f"<TC260:AIGC>{escape(marks.aigc.to_text())}</TC260:AIGC>" if marks.aigc else ""
    source = marks.digital_source
    iptc = f"<Iptc4xmpExt:{_SOURCE}>{escape(source)}</Iptc4xmpExt:{_SOURCE}>" if source else ""
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="" xmlns:TC260="{TC260}" xmlns:Iptc4xmpExt="{IPTC}">'
        f'{aigc}{iptc}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
    return packet.encode()


def read_packet(packet: bytes) -> Marks:
    """The marks in a packet, whoever wrote it: properties stand as elements or as attributes. Raises NotALabel."""
    # A document type could define entities that grow without end; no XMP has one. A zero byte would be UTF-16,
    # in which we could not look for it.
    if len(packet) > LONGEST or any(sign in packet for sign in (b"<!DOCTYPE", b"<!ENTITY", b"\0")):
        raise NotALabel("its XMP is not plain")
    try:
        tree = ElementTree.fromstring(packet)  # noqa: S314 - no document type, bounded in length
    except (ElementTree.ParseError, ValueError, LookupError):
        raise NotALabel("its XMP is broken") from None
    aigc = _property(tree, f"{{{TC260}}}AIGC")
    source = _property(tree, f"{{{IPTC}}}{_SOURCE}")
    return Marks(Aigc.from_text(aigc) if aigc is not None else None, source)


def _property(tree: ElementTree.Element, name: str) -> str | None:
    for element in tree.iter(f"{{{RDF}}}Description"):
        if name in element.attrib:
            return element.attrib[name]
        child = element.find(name)
        if child is not None:
            return child.text or child.get(f"{{{RDF}}}resource") or ""
    return None
