"""Sentences: what a text is about as 512 numbers, by Google's multilingual sentence encoder. Plain numbers in numpy.

The network looks up each piece of a word, looks at two, three and five of them at a time in two layers each, and
sums up the whole.
"""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.packs.safety.protobuf import fields_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]

# The table of pieces lies in so many blocks, piece by piece in turn, each block with its own range.
BLOCKS = 17
# How many pieces are looked at together, and how many of them stand before.
WINDOWS = ((2, 0), (3, 1), (5, 2))
BEGIN, END, UNKNOWN = 1, 2, 0
# Beyond so many pieces a text is cut; whoever has a longer one gives it in parts.
LONGEST = 512
MOST_KEPT = 32
# Fields of a sentencepiece file: its pieces (text and score) and, inside its rules, the table of equal characters.
PIECE, RULES, TEXT, SCORE, TABLE = 1, 3, 1, 2, 2


class Encoder:
    """The loaded weights and the pieces that they know."""

    def __init__(self, folder: Path) -> None:
        import numpy as np

        self._kept: dict[tuple[str, ...], Numbers] = {}
        self._pieces = _tokenizer((folder / "sp.model").read_bytes())
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            blocks = [stored[f"q{number + 1}"] for number in range(BLOCKS)]
            self._weights = {name: stored[name] for name in stored.files if not name.startswith("q")}
        self._level_of_branches = tuple(
            np.concatenate([self._weights[f"{kind}{size}"] for size, _ in WINDOWS])
            for kind in ("ln_g", "ln_b")
        )
        # Piece n is row n // 17 of block n % 17.
        self._table = np.stack(blocks, axis=1).reshape(-1, blocks[0].shape[1])

    def encode(self, texts: Iterable[str]) -> "Numbers":
        """A row of length one for each text (texts x 512): the nearer two rows, the nearer their topics."""
        import numpy as np

        rows = [self._encode(text) for text in texts]
        return np.stack(rows) if rows else np.empty((0, self._table.shape[1]), np.float32)

    def encode_once(self, texts: tuple[str, ...]) -> "Numbers":
        """The same for texts that are asked for again and again: the rows are kept as long as the weights are."""
        if texts not in self._kept:
            if len(self._kept) == MOST_KEPT:
                self._kept.clear()
            self._kept[texts] = self.encode(texts)
        return self._kept[texts]

    def _encode(self, text: str) -> "Numbers":
        import numpy as np

        ids = np.array([BEGIN, *(self._pieces.encode(text).ids or [UNKNOWN])[: LONGEST - 2], END])
        w = self._weights
        block = ids % BLOCKS
        looked_up = self._table[ids] * w["scale"][block, None] + w["lo"][block, None]
        narrowed = np.concatenate([looked_up @ w[f"proj{n}"] + w[f"proj_b{n}"] for n, _ in WINDOWS], axis=1)
        branches = np.split(self._levelled(narrowed, *self._level_of_branches), len(WINDOWS), axis=1)
        seen = [
            self._look(branch, size, before) for branch, (size, before) in zip(branches, WINDOWS, strict=True)
        ]
        whole = self._levelled(np.concatenate([looked_up, *seen], axis=1), w["ln_g"], w["ln_b"])
        summed = (whole @ w["cnn_W"] + w["cnn_b"]).sum(axis=0) / np.sqrt(np.float32(len(ids)))
        first = _positive(summed @ w["d0"])
        second = _positive(summed @ w["p1"] + first @ w["d1"])
        last = np.tanh(second @ w["p3"] + _positive(second @ w["d2"]) @ w["d3"])
        row: Numbers = last / max(float(np.linalg.norm(last)), 1e-6)
        return row

    def _look(self, seen: "Numbers", size: int, before: int) -> "Numbers":
        """What the pieces say so many at a time."""
        w = self._weights
        for layer in (1, 2):
            windows = _windows(seen, size, before)
            seen = _positive(windows @ w[f"w{layer}_{size}"] + w[f"b{layer}_{size}"]) + seen
        return seen

    def _levelled(self, rows: "Numbers", scale: "Numbers", shift: "Numbers") -> "Numbers":
        import numpy as np

        centred = rows - rows.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + self._weights["eps"])
        level: Numbers = (centred / spread * scale + shift).astype(np.float32)
        return level


def load(folder: Path) -> Encoder:
    return Encoder(folder)


def _positive(rows: "Numbers") -> "Numbers":
    import numpy as np

    return np.maximum(rows, 0)


def _windows(rows: "Numbers", size: int, before: int) -> "Numbers":
    """Each row with its neighbours beside it, zeros beyond the ends."""
    import numpy as np

    padded = np.pad(rows, ((before, size - 1 - before), (0, 0)))
    return np.concatenate([padded[place : place + len(rows)] for place in range(size)], axis=1)


def _tokenizer(stored: bytes) -> Any:
    """The tokenizer that a sentencepiece file describes."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    pieces = list(_pieces(stored))
    tokenizer = Tokenizer(models.Unigram(pieces, UNKNOWN, False))
    table = next(
        field.content
        for rules in _inside(stored, RULES)
        for field in fields_of(rules)
        if field.number == TABLE
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(table), normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    return tokenizer


def _pieces(stored: bytes) -> Iterator[tuple[str, float]]:
    for piece in _inside(stored, PIECE):
        known = {field.number: field.content for field in fields_of(piece)}
        (score,) = struct.unpack("<f", known.get(SCORE, bytes(4)))
        yield known[TEXT].decode(), score


def _inside(stored: bytes, number: int) -> Iterator[bytes]:
    return (field.content for field in fields_of(stored) if field.number == number)
