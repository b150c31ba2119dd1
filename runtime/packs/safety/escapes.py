"""Escapes: signs that stand for a character where it is written, as in web pages and programs (&#98;, \\u0062, =62)."""

import re
from collections.abc import Iterator
from html import unescape as named
from html.entities import html5

# An entity may lack its semicolon where browsers do without it. More zeros in front than these nobody writes.
_ESCAPE = re.compile(
    r"&\#0{0,8}(\d{1,7});?|&\#[xX]0{0,8}([0-9a-fA-F]{1,6});?|&([A-Za-z][A-Za-z0-9]{1,31});"
    r"|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\u\{0{0,8}([0-9a-fA-F]{1,6})\}|\\U([0-9a-fA-F]{8})|(?<![\w])[uU]\+([0-9a-fA-F]{4,6})(?!\w)"
    r"|((?:\\x[0-9a-fA-F]{2})+|(?:\\[0-3][0-7]{2})+|=[0-9A-F]{2}(?:=(?:\r?\n)?[0-9A-F]{2})+)"
)
_BYTE = re.compile(r"\\x(..)|\\([0-7]{3})|=\s*(..)")
# How each form begins. With a sign in front the search leaps from one to the next.
_SIGNS = (
    ("&", re.compile(r"&(?:\#[xX]?[0-9a-fA-F]|[A-Za-z][A-Za-z0-9]{1,31};)")),
    ("\\", re.compile(r"\\(?:[uU][0-9a-fA-F{]|x[0-9a-fA-F]|[0-3][0-7]{2})")),
    ("=", re.compile(r"=[0-9A-F]{2}=")),
    ("+", re.compile(r"\+[0-9a-fA-F]{4}(?<=[uU]\+.{4})")),
)
# Escapes of escapes ("&amp;#98;"), so deep.
MAX_ESCAPES = 3


def unescaped(text: str) -> tuple[str, list[int], list[int]] | None:
    """The text with its escapes undone, and from where to where in it each character was; None where it has none."""
    if not _may_have_escapes(text):
        return None
    said: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for escape, meant in _undone(text):
        start, end = escape.span()
        said += (text[done:start], meant)
        starts += range(done, start)
        ends += range(done + 1, start + 1)
        starts += [start] * len(meant)
        ends += [end] * len(meant)
        done = end
    if not done:
        return None
    said.append(text[done:])
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return "".join(said), starts, ends


def _may_have_escapes(text: str) -> bool:
    """Told sign by sign, for all forms together are looked for ten times as long."""
    return any(sign in text and form.search(text) for sign, form in _SIGNS)


def _undone(text: str) -> Iterator[tuple[re.Match[str], str]]:
    for escape in _ESCAPE.finditer(text):
        decimal, hexed, name, halves, *codes, raw = escape.groups()
        if raw:
            meant = _text_of(bytes(_byte(*pair) for pair in _BYTE.findall(raw)))
        elif name:
            meant = html5.get(f"{name};", "")
        elif halves:
            meant = bytes.fromhex(halves.replace("\\u", "")).decode("utf-16-be")
        elif decimal or hexed:
            meant = named(f"&#{decimal};" if decimal else f"&#x{hexed};")
        else:
            meant = _character(int(next(filter(None, codes)), 16))
        if meant:
            yield escape, meant


def _byte(hexed: str, octal: str, quoted: str) -> int:
    return int(octal, 8) if octal else int(hexed or quoted, 16)


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else ""


def _text_of(raw: bytes) -> str:
    """Bytes as text: UTF-8, else the code of Chinese, else each as a character."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
