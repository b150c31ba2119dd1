"""Markup: what a page or a Markdown reader takes for layout and does not show, inside of words too (b<b>o</b>mb, bo**m**b)."""

import re
from collections.abc import Iterator

from runtime.packs.safety.escapes import Changes, Undone, rewritten

# Longer tags nobody writes, and so far a stream waits for the end of one.
LONGEST_TAG = 1_000
_TAG = re.compile(
    r"""</?([A-Za-z][A-Za-z0-9]*+)(?:[^<>="']|=\s*+(?:"[^"<]*+(?:"|\Z)|'[^'<]*+(?:'|\Z))?|["'])*+(?:>|\Z)"""
)
_NO_ELEMENT = re.compile(r"<[!?/][^>]*+(?:>|\Z)")
_NO_ELEMENT_INSIDE = re.compile(r"<[!?/][^<>]*+(?:>|\Z)")
_COMMENT_ENDS = re.compile(r"--!?>")
# What a page hides behind it may be shown as it stands elsewhere, and whole to a model.
_MAY_HIDE = re.compile(r"<(?:[!?]|/(?![A-Za-z]))")
# Elements that stand by themselves: what is before one and what is behind are no word together.
_BLOCK = re.compile(
    r"article|aside|blockquote|body|br|caption|center|d[dlt]|details|div|fieldset|fig(?:caption|ure)|footer|form|h[1-6r]"
    r"|head(?:er)?|html|legend|li|main|nav|[ou]l|option|p|pre|section|select|summary|t[dhr]|table|t(?:body|foot|head)"
    r"|textarea|title",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"<(?:!--|[!?/A-Za-z])")
# The end of a comment, or another tag that begins before it.
_ENDS_OR_BEGINS = re.compile(rf"{_COMMENT_ENDS.pattern}|{_BEGINS.pattern}")
# Only what stands inside a word, a number or a key matters: elsewhere a sign is a border as much as a blank is. One
# underscore joins words, and four stars are a mask. A backslash also takes the meaning from a sign of a key or an address.
_SIGN = re.compile(
    r"(?<=[A-Za-z0-9@$.+/=%#-])(?!_[^*_~`]|\*{4}|_{4}|~{4}|`{4})[*_~`]{1,6}(?=[A-Za-z0-9@$+/=%&\\-]|[.,;:][A-Za-z0-9@$%&\\])"
    r"|(?<=[A-Za-z0-9@$.+/=*_~`-])\\(?=[_.@+=/-][A-Za-z0-9]|(?![xuU][^g-tv-zG-TV-Z]|N\{)[A-Za-z])"
)


def without_markup(text: str) -> Iterator[Undone]:
    """The text without its markup, and from where to where in it each character was; nothing where it has none.

    A tag or a comment that has begun at the end of the text and not ended goes, too: so would its letters if it did. For a
    reader who shows it as it stands it stays in another of them, and in one more all tags do. What a page takes for a comment
    may hold tags, above all one that never ends: for such a reader they are tags like any others.
    """
    signless = _without_signs(text)
    if signless is not None:
        yield signless
    tags = list(_tags(text)) if "<" in text else []
    each = [tags]
    if _MAY_HIDE.search(text) and (inner := list(_tags(text, inside_of_comments=True))) != tags:
        each.append(inner)
    for found in each:
        has_tail = bool(found) and found[-1][1] == len(text) and not text.endswith(">")
        for changes in (found, found[:-1]) if has_tail else (found,):
            bare = rewritten(text, changes)
            if bare is not None:
                signless = _without_signs(bare[0])
                yield bare if signless is None else _inside(bare, signless)


def _inside(bare: Undone, signless: Undone) -> Undone:
    said, starts, ends = signless
    return said, [bare[1][place] for place in starts], [bare[2][place - 1] for place in ends]


def _without_signs(text: str) -> Undone | None:
    if not any(sign in text for sign in "*_~`\\"):
        return None
    return rewritten(text, ((*sign.span(), "") for sign in _SIGN.finditer(text)))


def _tags(text: str, inside_of_comments: bool = False) -> Changes:
    """Each tag and comment, and what stands there instead: what is an element by itself begins a line.

    Inside of comments: whatever holds another that begins, or never ends, is left as it is.
    """
    comment_ends = _ENDS_OR_BEGINS if inside_of_comments else _COMMENT_ENDS
    place = 0
    while (begun := _BEGINS.search(text, place)) is not None:
        start, place = begun.span()
        if begun[0] == "<!--":
            # Empty ones may share their hyphens: "<!-->".
            found = comment_ends.search(text, start + 2)
            if found is None or not found[0].startswith("<"):
                place = found.end() if found else len(text)
                yield start, place, ""
        elif (tag := _tag(text, start, inside_of_comments)) is not None:
            place, meant = tag
            yield start, place, meant


def _tag(text: str, start: int, inside_of_comments: bool) -> tuple[int, str] | None:
    limit = min(len(text), start + LONGEST_TAG)
    no_element = _NO_ELEMENT_INSIDE if inside_of_comments else _NO_ELEMENT
    found = _TAG.match(text, start, limit) or no_element.match(text, start, limit)
    if found is None or (text[found.end() - 1] != ">" and limit < len(text)):
        return None
    is_block = found.re is _TAG and _BLOCK.fullmatch(found[1])
    return found.end(), "\n" if is_block else ""
