"""Escapes: signs that stand for a character where it is written, as in web pages and programs (&#98;, \\u0062, =62)."""

import re
from collections.abc import Iterable
from html import unescape as named
from html.entities import html5
from unicodedata import lookup

_HEX = "[0-9a-fA-F]"
# Six digits, or some fewer with none behind them. What may be octal is taken for that.
_STYLED = (
    rf"(?:0{_HEX}|10){_HEX}{{4}}"
    rf"|(?:0{{2}}[2-7]{_HEX}|1[d-fD-F]{_HEX}{{3}}|(?:[2-9a-fA-F]{_HEX}|1[0-389a-fA-F]){_HEX}{{2}}"
    rf"|(?![0-3][0-7]{{2}})[0-9]{_HEX}{{2}}|[2-7]{_HEX})(?!{_HEX})"
)
# An entity may lack its semicolon where browsers do without it. More zeros in front than these a stream would not wait for.
_ESCAPE = re.compile(
    rf"&\#0{{0,64}}(\d{{1,7}});?|&\#[xX]0{{0,64}}({_HEX}{{1,6}});?|&([A-Za-z][A-Za-z0-9]{{1,31}});"
    rf"|([\\%]u[dD][89abAB]{_HEX}{{2}}[\\%]u[dD][c-fC-F]{_HEX}{{2}})|[\\%]u({_HEX}{{4}})|\\u\{{0{{0,64}}({_HEX}{{1,6}})\}}|\\U({_HEX}{{8}})"
    # Without a blank behind it, what follows may look like more of its digits: so many as a character has.
    rf"|[uU]\+(0000{_HEX}{{2}}|0?[1-3]{_HEX}{{4}}|[eE]0{_HEX}{{3}}|{_HEX}{{4}})"
    # Of style sheets; a blank ends it.
    rf"|\\({_STYLED})(?:\r\n|\s)?"
    r"|\\N\{([A-Za-z][A-Za-z0-9 -]{0,83}(?:\}|\Z))"
    rf"|((?:\\x{_HEX}{{2}})+|(?:\\(?:[1-3][0-7]{{2}}|0[4-7][0-7]|01[125]))+|={_HEX}{{2}}(?:={_HEX}{{2}})+"
    # By itself only where it is a letter or stands inside a word: formulas have such, too.
    rf"|=(?:[46][1-9A-Fa-f]|[57][0-9Aa])|(?<=[A-Za-z0-9])=[2-7]{_HEX}(?=\w))"
)
_BYTE = re.compile(r"\\x(..)|\\([0-7]{3})|=(..)")
# A line of quoted-printable that goes on in the next.
_GOES_ON = re.compile(r"=[ \t]*+\r?\n(?=\S)")
# How each form begins. With a sign in front the search leaps from one to the next.
_SIGNS = (
    ("&", re.compile(r"&(?:\#[xX]?[0-9a-fA-F]|[A-Za-z][A-Za-z0-9]{1,31};)")),
    ("\\", re.compile(r"\\(?:[uU][0-9a-fA-F{]|x[0-9a-fA-F]|N\{|[0-9a-fA-F]{2})")),
    ("=", re.compile(r"=[0-9A-Fa-f]{2}")),
    ("+", re.compile(r"\+[0-9a-fA-F]{4}(?<=[uU]\+.{4})")),
    ("%", re.compile(r"%u[0-9a-fA-F]{4}")),
)
# Escapes of escapes ("&amp;#98;"), so deep.
MAX_ESCAPES = 3


Changes = Iterable[tuple[int, int, str]]
Undone = tuple[str, list[int], list[int]]


def unescaped(text: str) -> Undone | None:
    """The text with its escapes undone, and from where to where in it each character was; None where it has none."""
    return rewritten(text, _undone(text)) if _may_have_escapes(text) else None


def in_long_lines(text: str) -> Undone | None:
    """The same for lines that go on in the next."""
    if "=" not in text:
        return None
    return rewritten(text, ((*found.span(), "") for found in _GOES_ON.finditer(text)))


def rewritten(text: str, changes: Changes) -> Undone | None:
    """The text with each (start, end) replaced; None where there is nothing to replace."""
    said: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for start, end, meant in changes:
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


def _undone(text: str) -> Changes:
    for escape in _ESCAPE.finditer(text):
        decimal, hexed, name, halves, *codes, called, raw = escape.groups()
        if raw:
            meant = _text_of(bytes(_byte(*pair) for pair in _BYTE.findall(raw)))
        elif name:
            meant = html5.get(f"{name};", "")
        elif halves:
            meant = bytes.fromhex(halves[2:6] + halves[8:]).decode("utf-16-be")
        elif decimal or hexed:
            meant = named(f"&#{decimal};" if decimal else f"&#x{hexed};")
        elif called:
            meant = _called(called.rstrip("}"))
        else:
            meant = _character(int(next(filter(None, codes)), 16))
        # A name that has not ended has no letters yet.
        if meant or (called and called[-1] != "}"):
            yield *escape.span(), meant


def _called(name: str) -> str:
    try:
        return lookup(name)
    except KeyError:
        return ""


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
