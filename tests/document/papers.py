"""Small documents made here: PDF and Word files with what one wants in them, good or bad."""

import io
import zipfile
import zlib

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def pdf(*pages: str, content: bytes | None = None) -> bytes:
    """A PDF with a line of text on each page; `content` stands in for the operators of every page, already packed."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode())
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for number, line in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 3 0 R>>>>"
            f"/Contents {5 + 2 * number} 0 R>>".encode()
        )
        packed = content or zlib.compress(f"BT /F 12 Tf {line} ET".encode())
        objects.append(b"<</Filter/FlateDecode/Length %d>>\nstream\n" % len(packed) + packed + b"\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + item + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    end += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + end


def shown(text: str) -> str:
    """The operators that write a line."""
    return f"50 700 Td ({text}) Tj"


def word(body: str, **parts: str) -> bytes:
    """A Word file with this body (XML inside of `w:body`) and these parts (`comments` for word/comments.xml)."""
    made = {"document": f'<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'} | parts
    return zipped({"[Content_Types].xml": TYPES} | {f"word/{name}.xml": text for name, text in made.items()})


def paragraph(text: str, how: str = "", tag: str = "t") -> str:
    return f"<w:p><w:r><w:rPr>{how}</w:rPr><w:{tag}>{text}</w:{tag}></w:r></w:p>"


def zipped(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
