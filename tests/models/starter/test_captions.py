"""What a picture may be called, and how names become tokens."""

from runtime.models.starter.captions import (
    BESIDES,
    FORMS,
    KEPT_OUT_FORMS,
    PLAIN_FORMS,
    STYLES,
    TALKATIVE,
    TOKENS,
    caption,
    kept_out_caption,
    make_tokenizer,
    seeded,
)
from tests.models.starter.worlds import small_world

SUBJECTS = small_world().subjects


def test_a_chinese_name_has_the_same_tokens_wherever_it_stands() -> None:
    tokenizer = make_tokenizer(SUBJECTS)

    def tokens(text: str) -> list[str]:
        return [piece.removesuffix("</w>") for piece in tokenizer.tokenize(text)]

    name = tokens("红圆")
    assert len(name) == 2
    for sentence in ("画红圆", "红色背景上的红圆，扁平", "红圆和绿条"):
        found = tokens(sentence)
        assert any(found[i : i + 2] == name for i in range(len(found)))


def test_each_english_word_of_the_world_is_one_token() -> None:
    tokenizer = make_tokenizer(SUBJECTS)
    assert tokenizer.tokenize("A red disc, flat") == ["a</w>", "red</w>", "disc</w>", ",</w>", "flat</w>"]


def test_a_word_from_outside_the_world_is_spelled_and_not_lost() -> None:
    tokenizer = make_tokenizer(SUBJECTS)
    ids = tokenizer("zeppelin 飞艇").input_ids
    assert tokenizer.unk_token_id not in ids[1:-1]


def test_the_kept_out_forms_are_in_no_training_form() -> None:
    for language, forms in KEPT_OUT_FORMS.items():
        assert not {*forms} & {*FORMS[language], *PLAIN_FORMS[language]}


def test_the_kept_out_captions_are_never_written_in_training() -> None:
    rng = seeded(0)
    written = {caption(rng.sample(SUBJECTS, 1), style, rng) for style in STYLES for _ in range(3_000)}
    asked = {
        kept_out_caption(s, style, lang, rng) for s in SUBJECTS for style in STYLES for lang in ("en", "zh")
    }
    assert not asked & written


def test_a_flat_picture_is_always_called_flat() -> None:
    rng = seeded(0)
    for _ in range(500):
        text = caption(rng.sample(SUBJECTS, 1), "flat", rng)
        assert any(word in text for word in ("flat", "扁平", "平面"))


def test_every_caption_says_its_ground_and_its_colour() -> None:
    rng = seeded(0)
    for _ in range(300):
        text = caption(SUBJECTS[:1], "3D", rng, ground="pink", hue="purple")
        assert ("pink" in text and "purple" in text) or ("粉色" in text and "紫色" in text)


def test_words_that_change_nothing_stand_around_the_name_and_leave_it_whole() -> None:
    rng = seeded(0)
    captions = [caption(SUBJECTS[:1], "3D", rng) for _ in range(2_000)]
    talkative = [
        text
        for text in captions
        if any(
            word in text for kinds in BESIDES.values() for words in kinds for word in words if len(word) > 3
        )
    ]
    assert TALKATIVE / 2 < len(talkative) / len(captions) < TALKATIVE * 2
    assert all("disc" in text or "red" in text or "红圆" in text for text in talkative)


def test_the_empty_caption_is_its_two_ends_and_padding() -> None:
    tokenizer = make_tokenizer(SUBJECTS)
    ids = tokenizer("", padding="max_length", max_length=TOKENS).input_ids
    assert len(ids) == TOKENS
    assert ids[:2] == [tokenizer.bos_token_id, tokenizer.eos_token_id]
    assert {*ids[2:]} == {tokenizer.pad_token_id}
    assert tokenizer.pad_token_id not in (tokenizer.bos_token_id, tokenizer.eos_token_id)
