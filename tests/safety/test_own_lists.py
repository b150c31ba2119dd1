"""Own lists: what an administrator brings is bounded, kept under its hash, and found in a text."""

import io
import resource
from pathlib import Path

import pytest

from runtime.errors import UserError
from runtime.safety.filters import load_filters
from runtime.safety.own_lists import MAX_BYTES, MAX_ENTRIES, PIECE, add_list, own_lists, read_list
from tests.packs.test_text_filters import THRESHOLD

WORDS = ["Project Falcon", "猎鹰计划", "# a remark", "", "!猎鹰计划发布会", "секрет"]


def lines(*texts: str) -> io.BytesIO:
    return io.BytesIO("".join(f"{text}\n" for text in texts).encode())


class Endless:
    """The same over and over, for as long as somebody reads."""

    def __init__(self, what: bytes) -> None:
        self.what = what
        self.given = 0

    def read(self, size: int, /) -> bytes:
        assert 0 < size <= PIECE
        start = self.given % len(self.what)
        self.given += size
        return (self.what * (size // len(self.what) + 2))[start : start + size]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    return tmp_path


def named(filter_id: str, text: str) -> set[str]:
    matches = load_filters()[filter_id].check(text, None)  # type: ignore[arg-type]  # a list needs no services
    return {text[m.start : m.end] for m in matches if m.score >= THRESHOLD and not m.open}


def test_what_is_on_a_list_is_found_in_every_disguise() -> None:
    name = add_list("secret-plans", lines(*WORDS)).filter_id
    for text in (
        "the project FALCON memo",
        "P r o j e c t F a l c o n",
        "猎 鹰 计 划",
        "獵鷹計劃",
        "lieying jihua",
        "секрет",
    ):
        assert named(name, text), text
    for text in ("a falcon project", "明天的猎鹰计划发布会", "the town lies by a river"):
        assert not named(name, text), text


def test_the_same_entries_are_the_same_filter_and_others_another() -> None:
    first = add_list("plans", lines("alpha beta", "gamma delta"))
    again = add_list("plans", lines("gamma delta", "", "# later", "alpha beta"))
    other = add_list("plans", lines("alpha beta"))
    assert first == again and first.filter_id != other.filter_id
    assert [kept.filter_id for kept in own_lists()] == sorted([first.filter_id, other.filter_id])
    # A policy that names the older list still finds it.
    assert {first.filter_id, other.filter_id} <= set(load_filters())


def test_a_list_that_was_changed_on_disk_lets_nothing_pass() -> None:
    kept = add_list("plans", lines("alpha beta"))
    kept.path.write_text("something else\n")
    with pytest.raises(ValueError, match="was changed"):
        read_list(kept)
    with pytest.raises(ValueError, match="was changed"):
        named(kept.filter_id, "alpha beta")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("Bad Name", lines("alpha"), "list_name"),
        ("../up", lines("alpha"), "list_name"),
        ("plans", lines("", "# nothing"), "list_empty"),
        ("plans", lines("!only harmless"), "list_empty"),
        ("plans", lines("x"), "list_entry"),
        ("plans", lines("x" * 101), "list_entry"),
        ("plans", io.BytesIO(b"\xff\xfe\n"), "list_encoding"),
    ],
)
def test_a_bad_list_is_refused_with_a_sentence(name: str, content: io.BytesIO, code: str, home: Path) -> None:
    with pytest.raises(UserError) as refused:
        add_list(name, content)
    assert refused.value.code == code
    assert refused.value.message.en.endswith(".") and refused.value.message.zh.endswith("。")
    assert not list(home.rglob("*.txt"))


@pytest.mark.parametrize(
    ("what", "code", "most"),
    [
        (b"entry\n", "list_too_long", 6 * (MAX_ENTRIES + 1)),
        (b"a", "list_too_large", MAX_BYTES + 1),
        (b"# a remark without an end ", "list_too_large", MAX_BYTES + 1),
        (b"\r", "list_too_large", MAX_BYTES + 1),
        (b"# remarks\r\n", "list_too_large", MAX_BYTES + 1),
        (b"a line too long to be an entry, and everything behind it" * 2 + b"\n", "list_entry", 0),
    ],
)
def test_what_has_no_end_is_read_no_further_than_a_piece_beyond_the_limits(
    what: bytes, code: str, most: int
) -> None:
    endless = Endless(what)
    with pytest.raises(UserError) as refused:
        add_list("huge", endless)
    assert refused.value.code == code
    assert endless.given <= most + PIECE


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way_and_anywhere_in_a_piece(end: str) -> None:
    """Wherever a piece ends: between two letters, in the middle of a character or of a line's end."""
    texts = [f"猎鹰 {number}" for number in range(20_000)]
    for shift in range(3):
        content = f"#{'x' * shift}{end}{end.join(texts)}".encode()
        assert len(content) > 3 * PIECE
        assert read_list(add_list("plans", io.BytesIO(content))) == sorted(texts)


def test_a_list_of_the_largest_size_is_searched_in_bounded_memory() -> None:
    kept = add_list("large", lines(*(f"entry number {number}" for number in range(MAX_ENTRIES))))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert named(kept.filter_id, f"this is entry number {MAX_ENTRIES - 1} of all") == {
        f"entry number {MAX_ENTRIES - 1}"
    }
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 400, f"{grown:.0f} MB"
