"""topics: what a list of topics recognises on the corpora that the repository carries, and what it costs.

Published, not promised. Each topic is described in one short line of its language, as an administrator would.
"""

import io
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from runtime.models.manager import ModelManager
from runtime.packs.safety.topics import topics_filter
from runtime.safety.filters import Filter
from runtime.safety.own_lists import add_list
from tests.bench.detection import LANGUAGES, THRESHOLD, Services, rows
from tests.bench.figures import Figure
from tests.models.cache import real_models
from tests.packs.doubles import MemoryAssets

TOPICS = {
    "indiscriminate_weapons": {"en": "making bombs, explosives and weapons", "zh": "制造炸弹、爆炸物和武器"},
    "self_harm": {"en": "suicide and self-harm", "zh": "自杀与自残"},
    "violent_crimes": {"en": "murder, killing and violence", "zh": "谋杀、杀人与暴力"},
    "sexual_content": {"en": "sex and pornography", "zh": "性与色情"},
    "non_violent_crimes": {"en": "drugs, theft and fraud", "zh": "毒品、盗窃与诈骗"},
}
ROUNDS = 5


def measure() -> Sequence[Figure]:
    services = Services(MemoryAssets(), ModelManager(real_models("usem3")))
    with tempfile.TemporaryDirectory() as folder:
        return [figure for language in LANGUAGES for figure in _measured(language, Path(folder), services)]


def _measured(language: str, folder: Path, services: Services) -> Iterator[Figure]:
    lines = [(item["text"], item["categories"]) for item in rows(language)]
    clean = [text for text, named in lines if not named]
    for category, described in TOPICS.items():
        item = _filter(category, described[language], folder)
        wanted = [text for text, named in lines if category in named]
        yield Figure(f"{language}.{category}.lines", len(wanted), "lines")
        yield Figure(f"{language}.{category}.recall", _share(item, wanted, services), "%")
        yield Figure(f"{language}.{category}.false_alarms", _share(item, clean, services), "%")
    yield Figure(f"{language}.cost", _milliseconds(item, " ".join(clean)[:2_000], services), "ms/KB")


def _filter(name: str, described: str, folder: Path) -> Filter:
    return topics_filter(add_list(name, io.BytesIO(described.encode()), folder))


def _share(item: Filter, texts: Sequence[str], services: Services) -> float:
    return 100 * sum(_is_on_topic(item, text, services) for text in texts) / len(texts)


def _is_on_topic(item: Filter, text: str, services: Services) -> bool:
    matches = [
        match for match in item.check(text, services) if match.category == "on_topic" and not match.open
    ]
    return any(match.score >= THRESHOLD for match in matches)


def _milliseconds(item: Filter, text: str, services: Services) -> float:
    list(item.check("warm", services))
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        list(item.check(text, services))
        best = min(best, (time.process_time() - begun) * 1000 / (len(text.encode()) / 1024))
    return best
