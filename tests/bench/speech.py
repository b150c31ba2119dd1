"""speech: what the filter for speech recognises of lines that a synthetic voice reads aloud, and what it costs.

Published, not promised. Lines of the corpora that the text filters find as text are spoken and changed in many ways; a
row says how many are still found. What a row loses, hearing lost. The voice is English; of another language no voice
is carried, so files `LANGUAGE/*.wav` beside `LANGUAGE/lines.txt` can be given in the folder SLUICEWAY_SPOKEN.
"""

import os
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runtime.models.manager import ModelManager
from runtime.packs.safety.categories import UNHEARD
from runtime.packs.safety.speech import SPEECH, TEXT_FILTERS
from tests.bench.detection import ATTACKS, THRESHOLD, Line, Services, read_corpus
from tests.bench.figures import Figure
from tests.models.cache import real_models
from tests.packs.doubles import MemoryAssets
from tests.sound.spoken import RATE, as_wav, spoken

LINES = 12
CHANGED = 4
# Digits and keys are written, and nobody reads them aloud as they stand.
WORDS = re.compile(r"[A-Za-z ,.'?!-]{20,90}")

Sound = NDArray[np.float64]
Way = Callable[[Sound], bytes]


def _noisy(decibels: float) -> Way:
    """Noise so many decibels below the voice."""

    def way(said: Sound) -> bytes:
        noise = np.random.default_rng(3).normal(0, 1, len(said))
        return as_wav(0.3 * (said + noise * said.std() / 10 ** (decibels / 20)) / np.abs(said).max())

    return way


def _music(said: Sound) -> bytes:
    """A chord that changes twice a second, as loud as the voice."""
    at = np.arange(len(said)) / RATE
    root = 220 * 2 ** ((np.floor(at * 2) * 5 % 12) / 12)
    chord = sum(np.sin(2 * np.pi * root * ratio * at) for ratio in (1.0, 1.25, 1.5))
    return as_wav(0.3 * (said + chord / np.std(chord) * said.std()) / np.abs(said).max())


def _echo(said: Sound) -> bytes:
    late = round(0.12 * RATE)
    room = np.concatenate([said, np.zeros(6 * late)])
    for number in range(1, 6):
        room[number * late : number * late + len(said)] += said * 0.6**number
    return as_wav(0.5 * room / np.abs(room).max())


WAYS: dict[str, Way] = {
    "as_it_is": as_wav,
    "40_decibels_softer": lambda said: as_wav(said / 100),
    "telephone": lambda said: as_wav(said[::3], RATE // 3),
    "faster_by_a_quarter": lambda said: as_wav(said, round(RATE * 1.25)),
    "slower_by_a_fifth": lambda said: as_wav(said, round(RATE * 0.8)),
    "noise_10_decibels_below": _noisy(10),
    "noise_as_loud": _noisy(0),
    "music_as_loud": _music,
    "in_an_echoing_room": _echo,
    "backwards": lambda said: as_wav(said[::-1]),
}


def measure() -> Sequence[Figure]:
    services = Services(MemoryAssets(), ModelManager(real_models("whisper-base")))
    return [*_english(services), *_given(services), *_cost(services)]


def _english(services: Services) -> Iterator[Figure]:
    lines = [line for line in read_corpus("en", "", TEXT_FILTERS, services) if WORDS.fullmatch(line.text)]
    chance = random.Random(7)
    found = chance.sample([line for line in lines if line.expected & line.categories], LINES)
    clean = chance.sample([line for line in lines if not line.expected and not line.categories], LINES)
    for name, way in WAYS.items():
        chosen = found if name == "as_it_is" else found[:CHANGED]
        caught = sum(_is_caught(line, way(spoken(line.text)), services) for line in chosen)
        yield Figure(f"en.speech.{name}", caught, f"of {len(chosen)} lines")
    named = [_named(as_wav(spoken(line.text)), services) for line in clean]
    yield Figure("en.clean.stopped", sum(map(bool, named)), f"of {LINES} lines")
    yield Figure("en.clean.unheard", sum(UNHEARD.id in item for item in named), f"of {LINES} lines")


def _given(services: Services) -> Iterator[Figure]:
    """Recordings of another language that somebody has made: `expected<TAB>text` a line, in the order of the files."""
    folder = Path(os.environ.get("SLUICEWAY_SPOKEN") or "nowhere")
    for lines in sorted(folder.glob("*/lines.txt")):
        rows = [row.split("\t") for row in lines.read_text(encoding="utf-8").splitlines()]
        files = sorted(lines.parent.glob("*.wav"))
        named = [_named(path.read_bytes(), services) for path in files]
        bad = [bool(item & set(row[0].split())) for row, item in zip(rows, named, strict=True) if row[0]]
        good = [bool(item) for row, item in zip(rows, named, strict=True) if not row[0]]
        yield Figure(f"{lines.parent.name}.speech.as_it_is", sum(bad), f"of {len(bad)} lines")
        yield Figure(f"{lines.parent.name}.clean.stopped", sum(good), f"of {len(good)} lines")


def _is_caught(line: Line, content: bytes, services: Services) -> bool:
    return bool(line.expected & _named(content, services))


def _named(content: bytes, services: Services) -> set[str]:
    matches = SPEECH.check(services.assets.write(content, "audio/wav"), services)
    named = {match.category for match in matches if match.score >= THRESHOLD}
    return {"prompt_attack" if name in ATTACKS else name for name in named}


def _cost(services: Services) -> Iterator[Figure]:
    """Milliseconds of one core, the model loaded before."""
    said = spoken("Good morning everybody, and welcome to our little show about gardens.")
    for name, seconds in (("five_seconds", 5), ("half_a_minute", 30), ("a_minute", 60)):
        content = as_wav(np.resize(said, seconds * RATE))
        begun = time.process_time()
        list(SPEECH.check(services.assets.write(content, "audio/wav"), services))
        yield Figure(f"cost.{name}", (time.process_time() - begun) * 1000, "ms")
