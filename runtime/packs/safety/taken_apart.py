"""Words: a view of a text taken apart, as word lists search it."""

import re
import string
from functools import cached_property
from itertools import accumulate

from runtime.packs.safety.views import View
from runtime.safety.filters import HELD_BACK

# What may stand between two halves of a pair where words cannot be counted, in letters.
REACH = 24
# In pinyin, letters of other kinds between two syllables, such as the number of a tone: with more, they are apart.
MOST_BETWEEN = 3

WORD = re.compile(r"[^\W_]+")
_APART = {code: " " for code in range(128) if not chr(code).isalnum()}
# Further than any two halves may stand from each other. No view has a line break.
_BREAK = "\n" * (REACH + 1)
_OTHER = re.compile(r"[^\W_a-z]")
_FAR = re.compile(rf"[^\W_a-z](?:[\W_]*[^\W_a-z]){{{MOST_BETWEEN},}}")
_SYLLABLES = re.compile(r"[a-z]+")
_PIECES = re.compile(rf"[a-z]+|{_FAR.pattern}")
_NO_SYLLABLES = bytes(set(range(256)) - set(f"{string.ascii_lowercase}\n".encode()))


class Words:
    """A view taken apart, once for all lists that are searched in it.

    They note in `begun` the places of the original at which something has begun that may still become a match, where
    that can be further from the end than a stream holds back anyway.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.begun: list[int] = []

    @cached_property
    def each(self) -> list[str]:
        text = self.view.text
        # The same in a fraction of the time.
        return text.translate(_APART).split() if text.isascii() else WORD.findall(text)

    @cached_property
    def borders(self) -> list[int]:
        """Where the blanks are when each word has one before it, and the last one behind it as well."""
        return [*accumulate(map((1).__add__, map(len, self.each)), initial=0)]

    @cached_property
    def word_starts(self) -> list[int]:
        """Where each word begins in the view."""
        return [word.start() for word in WORD.finditer(self.view.text)]

    @cached_property
    def has_other(self) -> bool:
        """Whether letters stand here that are in no pinyin."""
        return _OTHER.search(self.view.text) is not None

    @cached_property
    def syllables(self) -> str:
        """All that may be pinyin, without what stands between: in UTF-8 nothing else has these bytes."""
        text = _FAR.sub(_BREAK, self.view.text) if self.has_other else self.view.text
        return text.encode(errors="surrogatepass").translate(None, _NO_SYLLABLES).decode()

    @cached_property
    def syllable_places(self) -> list[int]:
        """Where each of the `syllables` stands in the view."""
        found: list[int] = []
        for piece in _PIECES.finditer(self.view.text):
            far = piece[0][0] > "z" or piece[0][0] < "a"
            found += [piece.start()] * len(_BREAK) if far else range(*piece.span())
        return found

    @cached_property
    def syllable_borders(self) -> list[int]:
        """Between which of the `syllables` one word ends and another begins, and both ends."""
        pieces = _PIECES.findall(self.view.text) if self.has_other else _SYLLABLES.findall(self.view.text)
        sizes = (len(piece) if "a" <= piece[0] <= "z" else len(_BREAK) for piece in pieces)
        return [0, *accumulate(sizes)]

    def may_be_wide(self, size: int) -> bool:
        """Whether the last `size` syllable letters, with all that stands between, can be more than a stream holds back."""
        if not self.has_other:
            return False
        tail = self.view.text[-HELD_BACK:].encode(errors="surrogatepass")
        return len(tail.translate(None, _NO_SYLLABLES)) < size
