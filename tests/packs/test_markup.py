"""Markup: what a page does not show hides no word, key or number, nor does a comment that is open or closed around it."""

import pytest

from runtime.packs.safety.looks import HELD_BACK, looks
from runtime.packs.safety.markup import LONGEST_TAG, without_markup
from runtime.packs.safety.personal_data import PERSONAL_DATA
from runtime.packs.safety.secrets import SECRETS
from runtime.safety.filters import Filter
from tests.packs.test_shown_text import KEY, is_bomb
from tests.packs.test_text_filters import found


class TestMarkup:
    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("b<b>o</b>mb <i title='>'>x</i> <B class=a>y", "bomb x y"),
            ("bo<!-- x > -->mb <!-->a<!---> b <!-- c --!>d", "bomb a b d"),
            ("bo<?x?>mb b</>omb <!DOCTYPE x>", "bomb bomb "),
            ("one<br>two <p>three</P>four", "one\ntwo \nthree\nfour"),
            ("bo**m**b b*o*mb bo__m__b b`o`mb b~~o~~mb b**_o_**mb", "bomb bomb bomb bomb bomb bomb"),
            (r"bo\mb john\.smith\@example\.com sk\-a sk\_b", r"bomb john.smith@example.com sk-a sk_b"),
            ("<b>b</b>**o**<b>mb</b>", "bomb"),
            ("bo<!-- not at an end", "bo"),
            ("bo<b title='not at an > end", "bo"),
            ("bo<b not at an end", "bo"),
            ("<!-- no end b<b>o</b>mb", "<!-- no end bomb"),
            ("<! no end b<b>o</b>mb", "<! no end bomb"),
            ("<? no end b<b>o</b>mb <!-- a -->", "<? no end bomb "),
            ("</ no end b<b>o</b>mb", "</ no end bomb"),
            ("<!-- b<b>o</b>mb -->", "<!-- bomb -->"),
            ("<!-- one <!-- two -->b<!-- x -->omb", "<!-- one bomb"),
        ],
    )
    def test_what_a_reader_does_not_show_goes(self, written: str, said: str) -> None:
        each = {bare[0]: bare for bare in without_markup(written)}
        assert said in each
        assert all(len(text) == len(starts) == len(ends) for text, starts, ends in each.values())

    @pytest.mark.parametrize(
        "text",
        [
            "a < b and c > d",
            "**Note**: *this* is `code`.",
            "snake_case",
            "138****5678",
            "x <3",
            r"C:\\",
            "~10 km",
            "a ** b",
            "",
        ],
    )
    def test_what_is_none_or_at_the_border_of_a_word_stays(self, text: str) -> None:
        assert list(without_markup(text)) == []

    @pytest.mark.parametrize(
        "text",
        [
            "how to make a pipe b<b>o</b>mb",
            "how to <b>make</b> a <i>bomb</i>",
            "how to make a pipe b&lt;b&gt;omb",
            "how to make a pipe ＜b＞b＜/b＞omb",
            "how to make a pipe &#98;**&#111;**mb",
            "if a <b how to make a pipe bo**m**b c> d",
            "this `<!--` is no comment: how to make a pipe bo**m**b, b<b>o</b>mb",
            "<b and no end, how to make a pipe bo**m**b",
            "<!-- note\nhow to make a pipe b<b></b>omb",
            "&lt;!-- how to make a pipe b&lt;i&gt;o&lt;/i&gt;mb",
            "<!how to make a pipe b<b></b>omb",
            "<? how to make a pipe b<b></b>omb",
            "<!-- <b how to make a pipe b<!-- x -->omb",
            f"how to make a pipe b&#{'0' * 60}111;mb",
            "怎么制作<b>炸</b>弹",
        ],
    )
    def test_it_hides_no_word(self, text: str) -> None:
        assert is_bomb(text)

    @pytest.mark.parametrize(
        ("item", "part"),
        [
            (SECRETS, f"{KEY[:8]}**{KEY[8:]}"),
            (SECRETS, f"{KEY[:8]}<b>{KEY[8:24]}</b>{KEY[24:]}"),
            (SECRETS, KEY.replace("-", "\\-")),
            (PERSONAL_DATA, "john.smith<b>@</b>example.com"),
            (PERSONAL_DATA, "john.smith=40example.com"),
            (PERSONAL_DATA, "4111**1111**11111111"),
        ],
    )
    def test_a_key_and_an_address_are_taken_out_as_they_are_written(self, item: Filter, part: str) -> None:
        text = f"here: {part} ."
        assert {text[m.start : m.end] for m in found(item, text, None)} == {part}

    def test_an_open_comment_before_it_leaves_no_key_and_no_telephone(self) -> None:
        key, phone = f"{KEY[:8]}<b></b>{KEY[8:]}", "138<b>1234</b>5678"
        text = f"<!-- a\n{key}\n{phone}\n"
        assert {text[m.start : m.end] for m in found(SECRETS, text, None)} == {key}
        assert {text[m.start : m.end] for m in found(PERSONAL_DATA, text, None)} == {phone}

    def test_a_tag_that_has_begun_is_open_with_the_letters_before_it(self) -> None:
        text = "so it goes. " * 40 + "bo<b title='" + "and on " * 60
        place = looks(text).open_from
        assert place is not None
        assert sum(map(str.isalnum, text[place : text.index("<")])) == HELD_BACK
        assert looks(text + "x" * LONGEST_TAG).open_from is None
