"""Whisper: hears what is said in a sound, part by part, in English and in Chinese."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.models.threads import threads
from runtime.sound.spectrum import SECONDS, parts, spectrum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = "whisper-base"
CAPABILITY = "speech"
LANGUAGES = ("en", "zh")
# A language that is at least so likely is written down as well: two may be spoken in one part.
POSSIBLE = 0.02
# Chinese is written down as if this stood before it, and several ways to go on are weighed: the network then writes simplified
# characters and signs, and of five lines two more are recognised.
BEFORE = {"zh": "以下是普通话的句子。"}
BEAMS = {"zh": 5}
# All that the network can write of half a minute. What fills it was cut off, or the network repeats itself: whether
# more was said, nobody knows.
MOST_TOKENS = 224
# Samples that differ by no more than this are silence: the network hears nothing in them, and a person only who
# amplifies them a thousand times.
SILENCE = 2
# The mean logarithm of how likely each written piece is. What is heard right has some -0.2; one sentence at twice the
# pace had -2.9, and -0.2 when it was heard again at this share of its pace.
UNSURE = -0.5
SLOWER = 0.6
# A sound that is longer than one part is not heard again: twice as much would miss a filter's deadline.
LONGEST_AGAIN = SECONDS


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in one part that begins at `start` seconds: `texts`, the likeliest language's first.

    `strange` (0..1) is how sure it is that speech is there that nothing here judges: in another language, or behind
    what could be written. `sure` is the mean logarithm of how likely the first text is.
    """

    start: float
    texts: tuple[str, ...]
    strange: float
    sure: float = 0.0


class Listener:
    """The loaded network."""

    def __init__(self, folder: Path) -> None:
        import ctranslate2
        from tokenizers import Tokenizer

        self._network: Any = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=threads()
        )
        self._words = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def hear(
        self,
        samples: "NDArray[np.int16]",
        rate: int,
        check: Callable[[], None] = lambda: None,
        overlap: float = 0.0,
    ) -> Iterator[Heard]:
        """What is said, part by part; nothing for silence. `check` is called before each part and may raise.

        The `overlap` seconds before each cut are heard in both parts. A short one that it is unsure of it hears again, slower.
        """
        short = len(samples) <= LONGEST_AGAIN * rate
        for start, part in parts(samples, rate, overlap):
            check()
            if not _is_loud(part):
                continue
            heard = [self._hear(start, spectrum(part, rate))]
            if short and heard[0].texts and heard[0].sure < UNSURE:
                slow = round(rate * SLOWER)
                for _, piece in parts(part, slow):
                    check()
                    heard.append(self._hear(start, spectrum(piece, slow)))
            yield _as_one(heard)

    def _hear(self, start: float, seen: "NDArray[np.float32]") -> Heard:
        import ctranslate2

        coded = self._network.encode(ctranslate2.StorageView.from_array(seen))
        odds = {name[2:-2]: chance for name, chance in self._network.detect_language(coded)[0]}
        known = sorted(LANGUAGES, key=lambda name: -odds[name])
        written = [known[0], *(name for name in known[1:] if odds[name] >= POSSIBLE)]
        texts, silence, whole, sure = [], 1.0, True, []
        for language in written:
            text, silence, ended, likely = self._write(coded, language)
            texts.append(text)
            sure.append(likely)
            whole = whole and ended
        strange = (1 - sum(odds[name] for name in LANGUAGES)) * (1 - silence) if any(texts) else 0.0
        if not whole:
            strange = 1.0
        written_down = tuple(dict.fromkeys(text for text in texts if text))
        return Heard(start, written_down, min(max(strange, 0.0), 1.0), sure[0])

    def _write(self, coded: Any, language: str) -> tuple[str, float, bool, float]:
        """The words of a part, taken for this language, how likely it is that nobody speaks, and whether it ended.

        Last the mean logarithm of how likely each piece of them is.
        """
        (found,) = self._network.generate(
            coded,
            [self._begin(language)],
            beam_size=BEAMS.get(language, 1),
            # The library gives one half of it to what stands before, whether that needs it or not.
            max_length=2 * MOST_TOKENS,
            return_no_speech_prob=True,
            return_scores=True,
        )
        written = found.sequences_ids[0]
        text = self._words.decode(written).strip()
        return text, float(found.no_speech_prob), len(written) < MOST_TOKENS, float(found.scores[0])

    def _begin(self, language: str) -> list[int]:
        begin = [self._sign(name) for name in ("startoftranscript", language, "transcribe", "notimestamps")]
        if before := BEFORE.get(language):
            said = self._words.encode(f" {before}", add_special_tokens=False).ids
            begin = [self._sign("startofprev"), *said, *begin]
        return begin

    def _sign(self, name: str) -> int:
        number: int | None = self._words.token_to_id(f"<|{name}|>")
        if number is None:
            raise ValueError(f"This tokenizer has no sign {name}.")
        return number


def _is_loud(part: "NDArray[np.int16]") -> bool:
    return bool(len(part)) and int(part.max()) - int(part.min()) > SILENCE


def _as_one(heard: Sequence[Heard]) -> Heard:
    """A part as it was heard at first, and again in pieces: all texts, those of the surer hearing first."""
    first, again = heard[0], heard[1:]
    if not any(item.texts for item in again):
        return first
    sure = min(item.sure for item in again if item.texts)
    texts = (
        joined([item.texts[0] for item in again if item.texts]),
        *(text for item in again for text in item.texts),
    )
    ordered = (*texts, *first.texts) if sure > first.sure else (*first.texts, *texts)
    strange = max(item.strange for item in heard)
    return Heard(first.start, tuple(dict.fromkeys(ordered)), strange, max(sure, first.sure))


def load(folder: Path) -> Listener:
    return Listener(folder)


def joined(heard: "list[str]") -> str:
    """Texts of parts that follow each other as one."""
    whole = ""
    for text in heard:
        wide = not whole or "\u4e00" <= whole[-1] <= "\u9fff" or "\u4e00" <= text[:1] <= "\u9fff"
        whole += text if wide else f" {text}"
    return whole
