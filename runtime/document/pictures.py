"""Pictures: whether a page of a PDF holds any that writing could stand in. None is decoded."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runtime.document.recognise import TooMuch

if TYPE_CHECKING:
    from pypdf import PageObject

# Pixels of a picture that holds no letter: rules, dots, and what a page is counted with. A scan may come in many
# strips, so not many of them.
NO_LETTER = 144
MOST_SMALL = 20
# Forms within forms, patterns and stamps.
MOST_FORMS = 1_000
_INLINE = re.compile(rb"\bBI\b.*?\bID\b", re.DOTALL)


def holds_pictures(page: "PageObject") -> bool:
    """Raises TooMuch, and whatever the library raises for a broken file."""
    small = 0
    for size in _sizes(page):
        small += size <= NO_LETTER
        if size > NO_LETTER or small > MOST_SMALL:
            return True
    return False


def _sizes(page: "PageObject") -> Iterator[int]:
    """Pixels of each picture that a page, its forms, patterns and stamps hold, drawn or not."""
    from pypdf.generic import StreamObject

    waiting: list[Any] = [page, *_stamps(page)]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if len(seen) > MOST_FORMS:
            raise TooMuch("too many forms")
        yield from _inline(item, page)
        # A page may have them from the one above it.
        found = item.get_inherited("/Resources", None) if item is page else item.get("/Resources")
        resources = _object(found) or {}
        for kind in ("/XObject", "/Pattern"):
            for name in _object(resources.get(kind)) or {}:
                found = _object(_object(resources[kind])[name])
                if isinstance(found, StreamObject) and found.get("/Subtype") == "/Image":
                    yield max(1, int(found.get("/Width", 0))) * max(1, int(found.get("/Height", 0)))
                elif isinstance(found, StreamObject):
                    waiting.append(found)


def _stamps(page: "PageObject") -> Iterator[Any]:
    """How notes, stamps and fields of a page look."""
    from pypdf.generic import DictionaryObject, StreamObject

    for note in _object(page.get("/Annots")) or ():
        looks = _object((_object(note) or {}).get("/AP"))
        waiting = [looks] if isinstance(looks, DictionaryObject) else []
        for _ in range(2):
            waiting = [_object(look) for group in waiting for look in _values(group)]
        for look in waiting:
            if isinstance(look, StreamObject):
                yield look


def _values(item: Any) -> list[Any]:
    from pypdf.generic import DictionaryObject, StreamObject

    if isinstance(item, StreamObject):
        return [item]
    return list(item.values()) if isinstance(item, DictionaryObject) else []


def _inline(item: Any, page: "PageObject") -> Iterator[int]:
    """Pictures that stand among the operators themselves."""
    from pypdf.generic import ContentStream, StreamObject

    stream = item.get_contents() if item is page else item
    if not isinstance(stream, StreamObject) or not _INLINE.search(stream.get_data()):
        return
    for operands, operator in ContentStream(stream, page.pdf).operations:
        if operator == b"INLINE IMAGE":
            told = operands["settings"]
            sides = [
                told.get(short, told.get(long, 0)) for short, long in (("/W", "/Width"), ("/H", "/Height"))
            ]
            yield max(1, int(sides[0])) * max(1, int(sides[1]))


def _object(item: Any) -> Any:
    return item.get_object() if item is not None and hasattr(item, "get_object") else item
