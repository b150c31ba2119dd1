"""The data: only the archives that we know, only the kinds of things that belong."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from runtime.models.starter.data import SOURCES, belongs, name_subjects, read_world
from runtime.models.starter.everyday import EVERYDAY, FIRST


def entry(**changes: object) -> dict[str, object]:
    plain = {
        "category": "Food & Drink",
        "subcategory": "food-fruit",
        "short_name": "apple",
        "has_img_google": True,
    }
    return plain | {"name": "RED APPLE", "short_names": ["apple"], "unified": "1F34E"} | changes


def archives(folder: Path) -> Path:
    for source in SOURCES:
        (folder / source.archive).write_bytes(b"something else")
    return folder


def test_an_archive_with_another_hash_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=SOURCES[0].sha256):
        read_world(archives(tmp_path))


def test_the_command_says_that_the_data_is_not_ours_and_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="exit code 1"):
        call_command("train_starter", data=archives(tmp_path), out=tmp_path / "out", hours=0.001)
    assert "The data cannot be used." in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"category": "Flags"},
        {"category": "People & Body"},
        {"category": "Component"},
        {"category": "Symbols", "subcategory": "keycap"},
        {"has_img_google": False},
        {"obsoleted_by": "1F34F"},
        {"short_name": "clock3", "subcategory": "time"},
    ],
    ids=json.dumps,
)
def test_what_is_no_thing_of_our_world_stays_out(changes: dict[str, object]) -> None:
    assert belongs(entry())
    assert not belongs(entry(**changes))


def test_a_name_means_one_subject_alone_and_a_shared_word_is_a_keyword() -> None:
    notes = {
        "en": {
            "\U0001f34e": {"tts": ["red apple"], "default": ["fruit", "ripe"]},
            "\U0001f34f": {"tts": ["green apple"], "default": ["fruit", "sour"]},
        },
        "zh": {
            "\U0001f34e": {"tts": ["红苹果"], "default": ["水果", "苹果"]},
            "\U0001f34f": {"tts": ["青苹果"], "default": ["水果", "苹果"]},
        },
    }
    green = entry(name="GREEN APPLE", short_name="green_apple", short_names=["green_apple"], unified="1F34F")
    red_one, green_one = name_subjects([entry(), green], notes)
    assert red_one.names == {"en": ("red apple", "apple", "ripe"), "zh": ("红苹果", "苹果")}, (
        "an everyday name is the red one's"
    )
    assert green_one.names == {"en": ("green apple", "sour"), "zh": ("青苹果",)}
    assert "fruit" in red_one.keywords["en"] and "苹果" in green_one.keywords["zh"]


def test_an_everyday_name_means_its_subject_and_no_other() -> None:
    horse, racehorse = (
        entry(short_name=short, name=name, short_names=[short], unified=code)
        for short, name, code in (("horse", "HORSE FACE", "1F434"), ("racehorse", "HORSE", "1F40E"))
    )
    notes = {
        "en": {
            "\U0001f434": {"tts": ["horse face"], "default": ["animal"]},
            "\U0001f40e": {"tts": ["horse"], "default": ["animal"]},
        },
        "zh": {},
    }
    everyday, other = name_subjects([horse, racehorse], notes)
    assert everyday.names["en"][:2] == ("horse face", "horse")
    assert other.names["en"] == ("racehorse",)


def test_what_people_ask_for_first_is_listed_once_and_named_once() -> None:
    assert len({*FIRST}) == len(FIRST) > 250
    for language in (0, 1):
        names = [name for both in EVERYDAY.values() for name in both[language]]
        assert len({*names}) == len(names)
