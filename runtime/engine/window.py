"""Window: lets a text out while it is still being written, far enough behind that its gate has seen what follows.

What was let out cannot be taken back. So the text is judged at fixed points that depend on the text alone, never
on the pieces in which it arrives, and only a part is released that ends well before the point that was judged.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from runtime.engine.gate import Verdict
from runtime.errors import OperationalError
from runtime.safety.filters import HELD_BACK
from runtime.safety.policy import Action
from runtime.safety.redaction import Span
from runtime.words import Words

LONGEST_STRIDE = 80
SHORTEST_STRIDE = 16
# Each look is at the whole. Of a text that has become long the steps grow with it, so that its looks cost some dozen times one
# look at all of it, and not its square.
SHARE = 40
# Of a text of which so much is open nothing can be let out soon. It is judged anew once it has grown by a share of that:
# what is nothing but base64 so costs a few times its length, and not its square.
LONG_OPEN = 1_000
GROWN_BY = 5
SENTENCE_ENDS = frozenset(".!?\n。！？…")


class Blocked(Exception):
    """The text so far already meets a block: nothing more of it will be released."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("blocked")
        self.verdict = verdict


@dataclass(slots=True)
class Window:
    """One gate's view of a growing text. `judge` runs its chain; `release` gets the whole text let out so far."""

    judge: Callable[[str], Verdict]
    release: Callable[[str], None]
    released: str = ""
    _reached: int = field(default=0)
    _next: int = field(default=0)

    def offer(self, text: str) -> None:
        """Judge what is new at the points that it reaches. Raises Blocked, having released nothing of it."""
        for point in points(text, self._reached):
            self._reached = point
            if point >= self._next:
                verdict = self.judge(text[:point])
                self._next = point + _pause(verdict)
                self._advance(verdict)

    def _advance(self, verdict: Verdict) -> None:
        assert isinstance(verdict.data, str)
        text = verdict.data
        stops = [hit for hit in verdict.hits if hit.action is not Action.REDACT]
        # A match at the very end may still become another word ("ass" of "assessment"): wait, and show none of it.
        open_ended = [
            hit.match.start for hit in stops if hit.match.start is not None and hit.match.end == len(text)
        ]
        if len(open_ended) < len(stops):
            raise Blocked(verdict)
        settled = len(text) if verdict.settled is None else verdict.settled
        end = min([safe_end(text, verdict.spans), settled, *open_ended])
        if end <= len(self.released):
            return
        if not text.startswith(self.released):
            raise inconsistent()
        self.released = text[:end]
        self.release(self.released)


def _pause(verdict: Verdict) -> int:
    """By how much the text has to grow before it is worth judging anew."""
    assert isinstance(verdict.data, str)
    opened = 0 if verdict.settled is None else len(verdict.data) - verdict.settled
    return opened // GROWN_BY if opened >= LONG_OPEN else 0


def points(text: str, after: int) -> Iterator[int]:
    """Where the text may be judged: at ends of sentences, and at least every `LONGEST_STRIDE` characters; of a long text less often.

    Whether a point lies at some position is decided by the text before it alone.
    """
    shortest, longest = _strides(after)
    for position in range(after + 1, len(text) + 1):
        stride = position - after
        ends_sentence = stride >= shortest and text[position - 1] in SENTENCE_ENDS
        if stride == longest or ends_sentence:
            yield position
            after = position
            shortest, longest = _strides(after)


def _strides(after: int) -> tuple[int, int]:
    """By how many characters the next point is away: at the end of a sentence at least, and at most."""
    shortest = max(SHORTEST_STRIDE, after // SHARE)
    return shortest, max(LONGEST_STRIDE, 2 * shortest)


def safe_end(text: str, spans: Iterable[Span]) -> int:
    """How much of a judged text may go: `HELD_BACK` short of its end, and never up to the inside of a span.

    A mark is never cut either: the end lies before a letter or digit.
    """
    end, short = len(text), HELD_BACK
    while end and short:
        end -= 1
        short -= text[end].isalnum()
    for start, stop in sorted(spans, reverse=True):
        if start < end < stop:
            end = start
    return end


def inconsistent() -> OperationalError:
    """The filters changed their mind about a text that was already let out: nothing more may pass."""
    return OperationalError(
        "gate_inconsistent",
        Words(
            "The safety filters judged the same text in two ways.", "安全过滤器对同一文本给出了不一致的判断。"
        ),
        Words(
            "The rest was not let through. Ask an administrator to look at the filters.",
            "其余内容未被放行。请联系管理员检查过滤器。",
        ),
    )
