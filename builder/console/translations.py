"""Reads our catalogue of translations (.po) and writes what Django loads (.mo): no gettext is needed for that.

Only the plain part of the format is used: one line for each msgid and msgstr, no contexts, and of plurals the
one form that Chinese has.
"""

import ast
import struct
from pathlib import Path

PO = Path(__file__).resolve().parents[1] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
MAGIC = 0x950412DE


def read_po(text: str) -> dict[str, str]:
    """The translations by their English. ValueError for a line that we do not use, and for a repeated msgid."""
    found: dict[str, str] = {}
    name, value = None, ""
    for number, line in enumerate([*text.splitlines(), 'msgid "end"'], start=1):
        keyword, _, quoted = line.partition(" ")
        if keyword == "msgid":
            if name is not None:
                found[name] = value
            name, value = _unquote(quoted), ""
            if name in found:
                raise ValueError(f"line {number}: {name!r} stands here twice")
        elif keyword == "msgid_plural":
            name = f"{name}\0{_unquote(quoted)}"  # as the compiled form joins the two
        elif keyword in ("msgstr", "msgstr[0]"):
            value = _unquote(quoted)
        elif line.startswith('"'):
            value += _unquote(line)
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"line {number} is not understood: {line}")
    return found


def write_mo(translations: dict[str, str]) -> bytes:
    """The binary catalogue (GNU gettext manual, "The Format of GNU MO Files"), without a hash table."""
    pairs = sorted((name.encode(), text.encode()) for name, text in translations.items())
    count, header = len(pairs), 7 * 4
    data, places = b"", []
    start = header + 2 * 8 * count
    for texts in zip(*pairs, strict=True):
        for text in texts:
            places.append((len(text), start + len(data)))
            data += text + b"\0"
    tables = b"".join(struct.pack("<II", *place) for place in places)
    return struct.pack("<7I", MAGIC, 0, count, header, header + 8 * count, 0, start) + tables + data


def _unquote(quoted: str) -> str:
    text = ast.literal_eval(quoted)
    if not isinstance(text, str):
        raise ValueError(f"{quoted} is not text")
    return text
