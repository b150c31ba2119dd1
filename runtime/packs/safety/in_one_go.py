"""In one go: many short texts looked at as one. Those in which nothing can be need not be looked at alone.

Between two of them stands what nothing that is looked for reaches across: blanks, more than any form has in a row, and a
word of eight letters, of which none is a digit of hex in either alphabet, nor a vowel; too short for base64, and no letter alone. So
whatever is read in a text alone is read in all of them together as well, by the same signs and more.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from runtime.packs.safety.looks import looks
from runtime.safety.filters import Match
from runtime.values import Data

_WORD = "gjkvxwzt"
_GAP = "\n" * 8
BETWEEN = f"{_GAP}{_WORD}{_GAP}"
# Longer texts may be judged by parts of theirs that end where a neighbour would be (`NEAR`, `NEAR_A_HEAD`).
LONGEST, LONGEST_PLAIN = 60, 120
_PLAIN = re.compile(r"[^&\\=+\x80-\U0010ffff]*")
# Without "<", a sign that is read as it, or one that an escape has, there is no way to look at a text in which a tag begins.
_MAY_BEGIN_A_TAG = re.compile(r"[<≮﹤＜&﹠＆\\﹨＼=⁼₌≠⩴⩵⩶﹦＝+⁺₊﬩﹢＋%﹪％\U000E0020-\U000E007E]")
# The same in ASCII, where nothing shows a sign in another order: no escape has a blank behind its sign.
_MAY_BEGIN_A_TAG_IN_ASCII = re.compile(r"<|[&\\=+%](?=\S)")
# So many together: where something is found they are halved until it is known in which.
TOGETHER = 128


def check_each(
    values: Sequence[Data],
    check: Callable[[Data], Iterable[Match]],
    may_have: Callable[[str], bool],
) -> Iterator[Iterable[Match]]:
    """What `check` says of each value; `may_have` is whether a text can have any match at all.

    Of a text in which there is none nothing is said to be open: that is asked of texts alone.
    """
    for first in range(0, len(values), TOGETHER):
        batch = values[first : first + TOGETHER]
        clear = clear_of([value for value in batch if isinstance(value, str)], may_have)
        for value in batch:
            yield () if isinstance(value, str) and value in clear else check(value)


def clear_of(texts: Sequence[str], may_have: Callable[[str], bool]) -> set[str]:
    """Those of the texts in which there is nothing, as far as that is told of many at once."""
    short = list(dict.fromkeys(text for text in texts if _is_short(text)))
    batches = (short[first : first + TOGETHER] for first in range(0, len(short), TOGETHER))
    return {text for batch in batches for text in _clear(batch, may_have)}


def _is_short(text: str) -> bool:
    """A tag or a comment that has begun may swallow whole neighbours, and with them what only they undo: it is judged alone."""
    return _is_short_enough(text) and not _begins_a_tag(text)


def _begins_a_tag(text: str) -> bool:
    """Whether a tag may have begun, however it is looked at: with escapes undone or without costumes, too."""
    sign = _MAY_BEGIN_A_TAG_IN_ASCII if text.isascii() else _MAY_BEGIN_A_TAG
    if sign.search(text) is None:
        return False
    seen = looks(text)
    return any("<" in look.text for look in (*seen.each, *seen.unescaped))


def _is_short_enough(text: str) -> bool:
    return len(text) <= LONGEST or (len(text) <= LONGEST_PLAIN and _PLAIN.fullmatch(text) is not None)


def _clear(texts: Sequence[str], may_have: Callable[[str], bool]) -> Iterator[str]:
    """Those of the texts in which there is nothing."""
    if len(texts) < 2:
        return
    if not may_have(BETWEEN.join(("", *texts, ""))):
        yield from texts
        return
    half = len(texts) // 2
    yield from _clear(texts[:half], may_have)
    yield from _clear(texts[half:], may_have)
