"""Text: a visible sentence at the beginning, and in a file the AIGC label as front matter before it.

The sentence comes first because text is shown while it is written: no piece of it is ever without its label.
"""

import re

from runtime.labelling.marks import Aigc, Marks, NotALabel
from runtime.labelling.profile import TEXT_MARK, Labelling

GAP = "\n\n"
_FENCE = "---\n"
# Of a thousand lines at most: a file of blank lines alone is not gone through for a second fence.
_FRONT = re.compile(r"---\r?\n((?:.*\n){0,1000}?)---(?:\r?\n|\Z)")
_FIELD = re.compile(r"  (\w+): '((?:[^'\n]|'')*)'")
SENTENCES = (TEXT_MARK.en, TEXT_MARK.zh)


def labelled(text: str, labelling: Labelling) -> str:
    """The text behind its visible sentence, which takes the place of one that it came with."""
    came_with = next((mark for mark in SENTENCES if text.startswith(mark + GAP)), None)
    return labelling.text_mark + GAP + (text.removeprefix(came_with + GAP) if came_with else text)


def begins_label(text: str) -> bool:
    """Whether what follows may make a visible sentence of it: until then nobody knows how it will be labelled."""
    return any(text != mark + GAP and (mark + GAP).startswith(text) for mark in SENTENCES)


def is_labelled(text: str, labelling: Labelling) -> bool:
    return text.startswith(labelling.text_mark + GAP)


def visible_sentence(text: str) -> str | None:
    """The sentence of ours that the text begins with, behind any front matter."""
    body = _split(text)[1]
    return next((sentence for sentence in SENTENCES if body.startswith(sentence)), None)


def embed_aigc(text: str, label: Aigc) -> str:
    """A text file's content with the label, and no other, as front matter (YAML, as TC260-PG-20258A has it)."""
    fields = "".join(f"  {name}: '{_quoted(value)}'\n" for name, value in label.fields().items())
    return f"{_FENCE}AIGC:\n{fields}{_FENCE}{_split(text)[1]}"


def without_aigc(text: str) -> str:
    """The text behind the front matter of its label; the whole of it where that is none."""
    try:
        return _split(text)[1]
    except NotALabel:
        return text


def read_marks(text: str) -> Marks:
    """The label in the front matter, if there is one. Raises NotALabel."""
    front, _ = _split(text)
    return Marks(Aigc.from_fields(front)) if front is not None else Marks()


def _quoted(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a field of the label is not one line of text")
    return value.replace("'", "''")


def front_matter(text: str) -> tuple[str, str]:
    """What stands between fences at the beginning, in whichever form, and the text behind it."""
    found = _FRONT.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def _split(text: str) -> tuple[dict[str, str] | None, str]:
    """The fields of an AIGC front matter, None when there is none, and the text behind it. Raises NotALabel.

    Its line ends may be those of Windows, and a mark of byte order may stand before it: editors and mail write such.
    """
    text = text.removeprefix("\ufeff")
    front, body = front_matter(text)
    first, *lines = front.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if first != "AIGC:":
        return None, text
    found = [_FIELD.fullmatch(line) for line in lines]
    if not all(found):
        raise NotALabel("its front matter is not as TC260's guide has it")
    return {match[1]: match[2].replace("''", "'") for match in found if match}, body
