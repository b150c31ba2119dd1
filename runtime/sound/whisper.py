"""Whisper: hears what is said in a sound, part by part, in English and in Chinese."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.models.threads import threads
from runtime.sound.spectrum import parts, spectrum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = "whisper-base"
CAPABILITY = "speech"
LANGUAGES = ("en", "zh")
# A language that is at least so likely is written down as well: two may be spoken in one part.
POSSIBLE = 0.02
# All that the network can write of half a minute. What fills it was cut off, or the network repeats itself: whether
# more was said, nobody knows.
MOST_TOKENS = 224
# Samples that differ by no more than this are silence: the network hears nothing in them, and a person only who
# amplifies them a thousand times.
SILENCE = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in one part that begins at `start` seconds: `texts`, the likeliest language's first.

    `strange` (0..1) is how sure it is that speech is there that nothing here judges: in another language, or behind
    what could be written.
    """

    start: float
    texts: tuple[str, ...]
    strange: float


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

        The `overlap` seconds before each cut are heard in both parts.
        """
        for start, part in parts(samples, rate, overlap):
            check()
            if len(part) and int(part.max()) - int(part.min()) > SILENCE:
                yield self._hear(start, spectrum(part, rate))

    def _hear(self, start: float, seen: "NDArray[np.float32]") -> Heard:
        import ctranslate2

        coded = self._network.encode(ctranslate2.StorageView.from_array(seen))
        odds = {name[2:-2]: chance for name, chance in self._network.detect_language(coded)[0]}
        known = sorted(LANGUAGES, key=lambda name: -odds[name])
        written = [known[0], *(name for name in known[1:] if odds[name] >= POSSIBLE)]
        texts, silence, whole = [], 1.0, True
        for language in written:
            text, silence, ended = self._write(coded, language)
            texts.append(text)
            whole = whole and ended
        strange = (1 - sum(odds[name] for name in LANGUAGES)) * (1 - silence) if any(texts) else 0.0
        if not whole:
            strange = 1.0
        return Heard(start, tuple(dict.fromkeys(text for text in texts if text)), min(max(strange, 0.0), 1.0))

    def _write(self, coded: Any, language: str) -> tuple[str, float, bool]:
        """The words of a part, taken for this language, how likely it is that nobody speaks, and whether it ended."""
        begin = [f"<|{sign}|>" for sign in ("startoftranscript", language, "transcribe", "notimestamps")]
        (found,) = self._network.generate(
            coded,
            [[self._words.token_to_id(sign) for sign in begin]],
            beam_size=1,
            # The library gives one half of it to what stands before, whether that needs it or not.
            max_length=2 * MOST_TOKENS,
            return_no_speech_prob=True,
        )
        written = found.sequences_ids[0]
        return self._words.decode(written).strip(), float(found.no_speech_prob), len(written) < MOST_TOKENS


def load(folder: Path) -> Listener:
    return Listener(folder)


def joined(heard: "list[str]") -> str:
    """Texts of parts that follow each other as one."""
    whole = ""
    for text in heard:
        wide = not whole or "\u4e00" <= whole[-1] <= "\u9fff" or "\u4e00" <= text[:1] <= "\u9fff"
        whole += text if wide else f" {text}"
    return whole
