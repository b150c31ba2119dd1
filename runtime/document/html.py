"""HTML: the words of a page, shown or hidden, without its code."""

from html import unescape
from html.parser import HTMLParser

# What is code, and no word for anybody.
_CODE = frozenset({"script", "style"})
# Words that stand in attributes: read aloud, shown on hovering, or told to other programs.
_SPOKEN = ("alt", "title", "placeholder", "aria-label", "content", "value")
_BREAKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in _CODE
        self.pieces += [f"\n{value}\n" for name, value in attrs if name in _SPOKEN and value]
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._code -= tag in _CODE

    def handle_endtag(self, tag: str) -> None:
        self._code = max(0, self._code - (tag in _CODE))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.pieces.append(data)

    def finish(self) -> None:
        """Take a last tag that never ends for words. The library would begin anew at each sign in it."""
        if not self._code:
            self.pieces.append(unescape(self.rawdata))
        self.rawdata = ""

    def _break(self, tag: str) -> None:
        if tag in _BREAKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append("\t")


def html_text(page: str) -> str:
    """Every word of the page, one line for each block."""
    reader = _Words()
    reader.feed(page)
    reader.finish()
    lines = (" ".join(line.split(" ")).strip() for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)
