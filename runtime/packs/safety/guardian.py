"""Runs the SecureVector Guardian weights: TF-IDF over words and characters, a linear layer, softmax. Plain data."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.values import Json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The weights were trained on scikit-learn's features, so these are its tokens.
_TOKEN = re.compile(r"\b\w\w+\b")


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of feature: `vocabulary` gives each n-gram its column, `weight` (inverse frequency) its share."""

    vocabulary: Mapping[str, int]
    weight: "NDArray[np.float64]"
    shortest: int
    longest: int
    offset: int

    @classmethod
    def read(cls, data: Mapping[str, Json], offset: int) -> "Block":
        import numpy as np

        shortest, longest = data["ngram_range"]
        return cls(data["vocab"], np.asarray(data["idf"]), shortest, longest, offset)

    def columns(self, grams: Iterable[str]) -> tuple["NDArray[np.intp]", "NDArray[np.float64]"]:
        """The columns that the n-grams fill, and their values with length one (sublinear term frequency)."""
        import numpy as np

        counts = Counter(self.vocabulary[gram] for gram in grams if gram in self.vocabulary)
        columns = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        values = (
            1 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))
        ) * self.weight[columns]
        length = np.linalg.norm(values)
        return columns + self.offset, values / length if length else values


class Guardian:
    """The loaded weights. `threshold` is the sum of harmful classes at which its makers call a text an attack."""

    def __init__(self, data: Mapping[str, Json]) -> None:
        import numpy as np

        self.classes: tuple[str, ...] = tuple(data["classes"])
        self.threshold = float(data["threshold"])
        self._words = Block.read(data["word"], 0)
        self._characters = Block.read(data["char"], int(data["n_word_features"]))
        self._coefficients = np.asarray(data["coef"])
        self._intercept = np.asarray(data["intercept"])

    def classify(self, text: str) -> dict[str, float]:
        """The probability of each class; `benign` is one of them."""
        import numpy as np

        lowered = text.lower()
        scores = self._intercept.copy()
        for block, grams in (
            (self._words, _word_grams(lowered, self._words.shortest, self._words.longest)),
            (
                self._characters,
                _character_grams(lowered, self._characters.shortest, self._characters.longest),
            ),
        ):
            columns, values = block.columns(grams)
            scores += self._coefficients[:, columns] @ values
        odds = np.exp(scores - scores.max())
        return dict(zip(self.classes, (odds / odds.sum()).tolist(), strict=True))


def load(folder: Path) -> Guardian:
    with gzip.open(folder / "guardian.runtime.json.gz", "rt", encoding="utf-8") as file:
        return Guardian(json.load(file))


def _word_grams(text: str, shortest: int, longest: int) -> Iterable[str]:
    words = _TOKEN.findall(text)
    for size in range(shortest, longest + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])


def _character_grams(text: str, shortest: int, longest: int) -> Iterable[str]:
    """Character n-grams that stay inside one word with a blank at each end; a short word counts once."""
    for word in text.split():
        padded = f" {word} "
        for size in range(shortest, longest + 1):
            if size >= len(padded):
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
