"""`manage.py labels` tells which labels a file carries, in words, in JSON and by its exit code."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from builder.common.credentials import open_identity
from builder.runs.text_file import with_label
from runtime.labelling.credential import sign
from runtime.labelling.files import embed
from runtime.labelling.identity import Identity, make_identity
from runtime.labelling.marks import MADE_BY_MODEL, Marks
from runtime.labelling.profile import Labelling, Profile
from tests.labelling.samples import FIELDS, MARKS, PICTURES, picture, start_of_material


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path / "home"
    return settings.HOME


@pytest.fixture
def labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def run(content: bytes, *options: str) -> tuple[int, str]:
        path = tmp_path / "file"
        path.write_bytes(content)
        try:
            call_command("labels", str(path), *options)
        except SystemExit as left:
            code = left.code
        else:
            code = 0
        out, err = capsys.readouterr()
        return code, out or err

    return run


def flipped(signed: bytes) -> bytes:
    """One bit of the picture's own data changed."""
    changed = bytearray(signed)
    changed[start_of_material(signed) + 32] ^= 1
    return bytes(changed)


def test_a_labelled_file_is_told_and_ends_with_0(labels) -> None:
    code, out = labels(embed(picture("PNG"), MARKS))
    assert code == 0
    assert "AIGC (GB 45438-2025): made by AI" in out and "ProduceID: 0a1b2c3d" in out


def test_json_holds_every_field(labels) -> None:
    code, out = labels(embed(picture("JPEG"), MARKS), "--json")
    told = json.loads(out)
    assert code == 0
    assert told["aigc"] == FIELDS and told["digital_source"] == MADE_BY_MODEL
    assert (told["labelled"], told["damaged"], told["credential"]) == (True, False, None)


def test_a_file_without_a_label_ends_with_1(labels) -> None:
    code, out = labels(picture("WEBP"))
    assert code == 1 and "no label" in out


def test_a_visible_sentence_in_a_text_is_a_label(labels) -> None:
    code, out = labels("以下内容由人工智能生成。\n\n你好".encode())
    assert code == 0 and "visible sentence: 以下内容由人工智能生成。" in out


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["ours", "those of Windows"])
def test_a_text_file_of_ours_is_known_by_both_of_its_labels_whichever_its_line_ends(
    labels, ends: str
) -> None:
    file = with_label("以下内容由人工智能生成。\n\n你好", Labelling(Profile.CN, "zh", "Example"))
    code, out = labels(file.replace("\n", ends).encode())
    assert code == 0
    assert "visible sentence: 以下内容由人工智能生成。" in out and "ContentProducer: Example" in out


@pytest.mark.parametrize("content", [b"\0\1\2\3", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"])
def test_what_cannot_be_read_ends_with_64(labels, content: bytes) -> None:
    code, out = labels(content)
    assert code == 64 and "cannot be read" in out


def test_a_file_that_is_not_there_ends_with_64(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        call_command("labels", str(tmp_path / "missing"))
    assert left.value.code == 64
    assert "cannot be read" in capsys.readouterr().err


def test_our_own_credential_is_known_as_ours(labels) -> None:
    code, out = labels(sign(picture("PNG"), open_identity(), MADE_BY_MODEL))
    assert code == 0 and "sound, signed by this installation" in out


def test_the_credential_of_another_installation_is_sound_and_unknown(labels, home: Path) -> None:
    other = Identity.from_pem(make_identity())
    code, out = labels(sign(picture("PNG"), other, MADE_BY_MODEL), "--json")
    assert code == 0 and json.loads(out)["credential"]["standing"] == "sound"
    assert not (home / "secrets").exists(), "to look at a file makes no key"


@pytest.mark.parametrize("kind", PICTURES)
def test_a_changed_pixel_is_told_and_ends_with_65(labels, kind: str) -> None:
    signed = sign(picture(kind), open_identity(), MADE_BY_MODEL)
    assert labels(signed)[0] == 0
    code, out = labels(flipped(signed))
    assert code == 65
    assert "BROKEN" in out and "assertion.dataHash.mismatch" in out


def test_a_label_that_breaks_its_standard_is_told_and_ends_with_65(labels) -> None:
    broken = embed(picture("PNG"), MARKS).replace(b'"Label":"1"', b'"Label":"7"')
    code, out = labels(broken)
    assert code == 65 and "what should be a label is none" in out


def test_a_label_cannot_speak_to_the_terminal(labels) -> None:
    spoken = Marks(replace(MARKS.aigc, producer="x\x1b[2Jy\nz"))
    code, out = labels(embed(picture("PNG"), spoken))
    assert code == 0 and "\x1b" not in out and "x\ufffd[2Jy\ufffdz" in out
