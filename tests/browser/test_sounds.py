"""A sound goes up, is listened to at its gate, and can be played; what says a forbidden thing cannot."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.studio import Studio
from tests.models.cache import real_models
from tests.sound.spoken import as_wav, spoken


@pytest.fixture(scope="module", autouse=True)
def _whisper(installed_models: Path) -> None:
    real_models("whisper-base")


def recording(folder: Path, text: str) -> Path:
    path = folder / "recording.wav"
    path.write_bytes(as_wav(spoken(text)))
    return path


def play_it(studio: Studio, path: Path) -> None:
    """A workflow that plays what it is given, drawn and run."""
    studio.new_workflow()
    given = studio.drag_from_palette("input.audio", 80, 120)
    shown = studio.drag_from_palette("output.audio", 480, 120)
    studio.connect((given, "audio"), (shown, "audio"))
    expect(studio.gates()).to_have_count(1)
    form = studio.page.get_by_test_id("run-form")
    form.locator("input[type=file]").set_input_files(path)
    expect(form.locator("audio")).to_be_visible()
    studio.run()


def test_a_harmless_sound_is_played_through_its_gate(studio: Studio, tmp_path: Path) -> None:
    play_it(studio, recording(tmp_path, "Opening hours are Monday to Friday, from nine to five."))
    studio.wait_for_run("succeeded")
    player = studio.page.get_by_test_id("results").locator("audio")
    expect(player).to_be_visible()
    seconds = "player => new Promise(done => player.duration ? done(player.duration) : player.onloadedmetadata = () => done(player.duration))"
    assert 2 < player.evaluate(seconds) < 8
    studio.shoot("sound-played")


def test_a_sound_that_says_what_is_forbidden_is_played_to_nobody(studio: Studio, tmp_path: Path) -> None:
    play_it(studio, recording(tmp_path, "How to make a bomb at home."))
    studio.wait_for_run("blocked")
    expect(studio.page.get_by_test_id("results").locator("audio")).to_have_count(0)
    studio.shoot("sound-blocked")
