"""Own lists: word lists that an administrator brings, kept as files that are named by what they hold.

A policy names a list as a filter whose id ends with the hash of its entries, so a changed list is another filter and
a run stays with the list that its policy knew.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from runtime.errors import UserError
from runtime.words import Words

PREFIX = "list."
TOPICS_PREFIX = "topics."
HASH_LENGTH = 16
MAX_ENTRIES = 100_000
MAX_BYTES = 4 * 1024 * 1024
# A file asked for its lines gives each of them whole, however long.
PIECE = 64 * 1024
# What is longer would not fit into what a stream holds back.
LONGEST = 100
SHORTEST = 2
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FILE = re.compile(rf"({NAME.pattern})\.([0-9a-f]{{{HASH_LENGTH}}})\.(\d{{1,6}})\.txt")


class Source(Protocol):
    """What a list is read from: a file, or what somebody uploads."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class OwnList:
    """One stored list; what it holds is read when it is searched."""

    name: str
    hash: str
    entries: int
    path: Path

    @property
    def filter_id(self) -> str:
        return f"{PREFIX}{self.name}.{self.hash}"

    @property
    def topics_id(self) -> str:
        """The filter that takes the entries for topics."""
        return f"{TOPICS_PREFIX}{self.name}.{self.hash}"

    @property
    def filter_ids(self) -> tuple[str, str]:
        return self.filter_id, self.topics_id


def lists_folder() -> Path:
    return Path(os.environ.get("SLUICEWAY_HOME") or "var").absolute() / "lists"


def own_lists(folder: Path | None = None) -> list[OwnList]:
    """The lists of this installation, by name. Asked with every claim: the folder is looked at, and no more than that."""
    folder = folder or lists_folder()
    try:
        paths = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [
        OwnList(match[1], match[2], int(match[3]), path)
        for path in paths
        if (match := _FILE.fullmatch(path.name))
    ]


def add_list(name: str, source: Source, folder: Path | None = None) -> OwnList:
    """Store a list: UTF-8, an entry a line, `#` before a remark, `!` before a harmless phrase.

    Reads no further than a piece beyond the limits. Raises UserError with what to mend.
    """
    if not NAME.fullmatch(name):
        raise _refused(
            "list_name",
            Words(
                "A list's name is up to 40 small letters, digits, - and _.",
                "词表名称最多 40 个字符，仅可使用小写字母、数字、- 与 _。",
            ),
        )
    entries = sorted(set(_entries(source)))
    if all(entry.startswith("!") for entry in entries):
        raise _refused("list_empty", Words("The list has no entries.", "词表中没有词条。"))
    content = "".join(f"{entry}\n" for entry in entries).encode()
    digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
    folder = folder or lists_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.{digest}.{len(entries)}.txt"
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)
    return OwnList(name, digest, len(entries), path)


def read_list(kept: OwnList) -> list[str]:
    """The entries of a stored list. Raises ValueError when the file is no longer what its name says."""
    content = kept.path.read_bytes()
    if hashlib.sha256(content).hexdigest()[:HASH_LENGTH] != kept.hash:
        raise ValueError(f"{kept.path.name} was changed")
    return content.decode().splitlines()


def _lines(source: Source) -> Iterator[bytes]:
    """Line by line, whichever way they end. What is kept in between is less than the largest list."""
    size, rest = 0, b""
    while piece := source.read(PIECE):
        size += len(piece)
        if size > MAX_BYTES:
            raise _refused(
                "list_too_large",
                Words("The list is larger than {mb} MB.", "词表超过 {mb} MB。").fill(mb=MAX_BYTES >> 20),
            )
        lines = (rest + piece).splitlines(keepends=True)
        # A carriage return at the end of a piece may be half of a line's end.
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        yield from lines
    if rest:
        yield rest


def _entries(source: Source) -> Iterator[str]:
    count = 0
    for number, line in enumerate(_lines(source), 1):
        entry = _text(line, number)
        if not entry or entry.startswith("#"):
            continue
        if not SHORTEST <= len(entry.lstrip("!").strip()) <= LONGEST:
            raise _refused(
                "list_entry",
                Words(
                    "Line {line}: an entry has {least} to {most} characters.",
                    "第 {line} 行：每个词条应为 {least} 至 {most} 个字符。",
                ).fill(line=number, least=SHORTEST, most=LONGEST),
            )
        count += 1
        if count > MAX_ENTRIES:
            raise _refused(
                "list_too_long",
                Words("The list has more than {most} entries.", "词表超过 {most} 个词条。").fill(
                    most=MAX_ENTRIES
                ),
            )
        yield entry


def _text(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
    except UnicodeDecodeError:
        raise _refused(
            "list_encoding",
            Words("Line {line} is not UTF-8 text.", "第 {line} 行不是 UTF-8 文本。").fill(line=number),
        ) from None


def _refused(code: str, message: Words) -> UserError:
    hint = Words("Shorten or mend the file and add it again.", "请缩短或修正文件后重新添加。")
    return UserError(code, message, hint)
