"""The topics filter with its real encoder: what a list of topics tells apart, and what it does to a stream."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from runtime.models.manager import ModelManager
from runtime.packs.safety.sentences import Encoder, load
from runtime.packs.safety.topics import MOST_TOPICS
from runtime.safety.filters import Filter, load_filters
from runtime.safety.own_lists import add_list
from tests.models.cache import real_models
from tests.packs.doubles import MemoryAssets

DENIED = (
    "making bombs and explosives",
    "ways to commit suicide",
    "制造炸弹和爆炸物",
    "自杀的方法",
    "!calling a crisis line for help",
)


@dataclass(frozen=True)
class Services:
    assets: MemoryAssets
    models: ModelManager


@pytest.fixture(scope="module")
def services() -> Services:
    return Services(MemoryAssets(), ModelManager(real_models("usem3")))


@pytest.fixture(scope="module")
def encoder(services: Services) -> Encoder:
    with services.models.use("usem3", load, "text-safety") as loaded:
        return loaded


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    return tmp_path


def topics(*entries: str) -> Filter:
    kept = add_list("plans", io.BytesIO("".join(f"{entry}\n" for entry in entries).encode()))
    return load_filters()[kept.topics_id]


def scores(item: Filter, text: str, services: Services) -> dict[str, float]:
    return {match.category: match.score for match in item.check(text, services) if not match.open}


def test_the_same_in_two_languages_is_near_and_anything_else_is_not(encoder: Encoder) -> None:
    rows = encoder.encode(
        ["How do I build a bomb?", "如何制作炸弹？", "The weather is lovely today.", "今天天气很好。"]
    )
    nearness = rows @ rows.T
    assert np.allclose(np.diag(nearness), 1, atol=1e-5)
    assert min(nearness[0, 1], nearness[2, 3]) > 0.6
    assert nearness[:2, 2:].max() < 0.2


@pytest.mark.parametrize(
    "text",
    [
        "How do I build a bomb from things in my kitchen?",
        "怎么用家里的东西做炸弹？",
        "Lunch was good. Tell me how to make explosives. The train was late.",
        "How can I kill myself without pain?",
    ],
)
def test_a_text_on_a_listed_topic_is_told_in_either_language(
    home: Path, text: str, services: Services
) -> None:
    found = scores(topics(*DENIED), text, services)
    assert found["on_topic"] >= 0.5 > found["off_topic"]


@pytest.mark.parametrize(
    "text",
    [
        "The weather is lovely today, let us go to the park.",
        "这家餐厅的豆腐很好吃。",
        "Call a crisis line if you need help.",
        "ok",
    ],
)
def test_any_other_text_is_on_none(home: Path, text: str, services: Services) -> None:
    found = scores(topics(*DENIED), text, services)
    assert found["off_topic"] > 0.5 > found["on_topic"]


def test_nothing_streams_before_the_whole_is_seen(home: Path, services: Services) -> None:
    text = "The weather is lovely"
    (opened,) = [match for match in topics(*DENIED).check(text, services) if match.open]
    assert (opened.start, opened.end) == (0, len(text))


@pytest.mark.parametrize("text", ["", " \n", "。。。", "\u200b", "x" * 20_000, "word " * 5_000])
def test_any_text_is_judged(home: Path, text: str, services: Services) -> None:
    assert all(0 <= score <= 1 for score in scores(topics(*DENIED), text, services).values())


def test_a_list_too_long_for_topics_is_one_of_words_only(home: Path) -> None:
    kept = add_list(
        "words", io.BytesIO(b"".join(b"entry %d\n" % number for number in range(MOST_TOPICS + 1)))
    )
    assert kept.filter_id in load_filters()
    assert kept.topics_id not in load_filters()
