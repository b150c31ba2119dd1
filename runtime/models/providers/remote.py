"""RemoteChat: a provider's chat model by the OpenAI protocol. Strict: an answer of another form is a fault."""

import json
import re
import time
from collections.abc import Callable

from runtime.models.chat import Answer, Figures, Question
from runtime.models.providers import faults
from runtime.models.providers.connection import Reply, post
from runtime.providers import Access
from runtime.values import Json

# A gate gives a filter 20 seconds for a value; what is late must be told before that, as what it is.
WHOLE_SECONDS = 15.0
WHOLE_BYTES = 1024 * 1024
# Just below the time limit of a step.
STREAM_SECONDS = 280.0
STREAM_BYTES = 16 * 1024 * 1024
LONGEST_LINE = 256 * 1024
MOST_PIECES = 100_000
# More than any answer has, and small enough for whatever counts on with it.
MOST_TOKENS = 1_000_000_000
# Half of a letter, and what no database keeps: the rest of the run would strip it, after a stream has shown it.
_BROKEN = re.compile("[\x00\ud800-\udfff]")


class RemoteChat:
    """One model of one provider. `seconds` (`WHOLE_SECONDS` without it) bounds all whole answers together."""

    def __init__(self, access: Access, model: str, seconds: float | None = None) -> None:
        self._access = access
        self._model = model
        self._until = time.monotonic() + (WHOLE_SECONDS if seconds is None else seconds)

    def say(self, question: Question) -> Answer:
        """Raises OperationalError for whatever is not exactly one whole answer."""
        began = time.monotonic()
        with post(
            self._access, self._body(question, stream=False), self._until - began, WHOLE_BYTES
        ) as reply:
            data = _object(reply.read())
        choice = _only(data.get("choices"))
        message = choice.get("message")
        text = message.get("content") if isinstance(message, dict) else None
        if not isinstance(text, str) or _BROKEN.search(text):
            raise faults.nonsense()
        seconds = time.monotonic() - began
        return Answer(text, _figures(data.get("usage"), 0, seconds, choice.get("finish_reason") == "stop"))

    def answer(self, question: Question, on_token: Callable[[str], None]) -> Figures:
        """Piece by piece, as server-sent events. Raises OperationalError, also when it breaks off."""
        began = time.monotonic()
        pieces, finish, usage = 0, None, None
        with post(self._access, self._body(question, stream=True), STREAM_SECONDS, STREAM_BYTES) as reply:
            while (data := _next_event(reply)) is not None:
                usage = data.get("usage") or usage
                if not data.get("choices"):
                    continue  # figures alone
                choice = _only(data["choices"])
                finish = choice.get("finish_reason") or finish
                delta = choice.get("delta")
                piece = delta.get("content") if isinstance(delta, dict) else None
                if piece is not None and (not isinstance(piece, str) or _BROKEN.search(piece)):
                    raise faults.nonsense()
                if piece:
                    pieces += 1
                    on_token(piece)
                if pieces > MOST_PIECES:
                    raise faults.too_large()
        if finish not in ("stop", "length"):
            raise faults.nonsense()  # broken off, or kept back by the provider's own filter
        return _figures(usage, pieces, time.monotonic() - began, finish == "stop")

    def _body(self, question: Question, *, stream: bool) -> dict[str, Json]:
        body: dict[str, Json] = {
            "model": self._model,
            "messages": question.messages,
            self._access.provider.limit: question.max_tokens,
            "temperature": question.temperature,
            "seed": question.seed,
            "stream": stream,
        }
        if question.stop:
            body["stop"] = list(question.stop)
        return body


def _next_event(reply: Reply) -> dict[str, Json] | None:
    """The next event's object; None at the end that the protocol asks for. A stream that just ends is a fault."""
    while line := reply.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise faults.too_large()
        field, _, value = line.strip().partition(b":")
        if field != b"data":
            continue
        value = value.strip()
        return None if value == b"[DONE]" else _object(value)
    raise faults.nonsense()


def _object(raw: bytes) -> dict[str, Json]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise faults.nonsense() from None
    if not isinstance(data, dict) or "error" in data:
        raise faults.nonsense()
    return data


def _only(choices: Json) -> dict[str, Json]:
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        raise faults.nonsense()
    return choices[0]


def _figures(usage: Json, pieces: int, seconds: float, finished: bool) -> Figures:
    known = usage if isinstance(usage, dict) else {}
    tokens, given = (_count(known.get(name)) for name in ("completion_tokens", "prompt_tokens"))
    written = tokens or pieces
    return Figures(written, given, round(written / seconds, 1) if seconds > 0 else 0.0, finished)


def _count(number: Json) -> int:
    counts = isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= MOST_TOKENS
    return number if counts else 0
