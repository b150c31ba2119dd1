"""Chat with a GGUF model by llama.cpp, inside this process."""

import json
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.errors import OperationalError, UserError
from runtime.models.at_once import at_once
from runtime.models.chat import Answer, Figures, Question
from runtime.models.threads import threads
from runtime.values import Json
from runtime.words import Words

# Tokens of prompt and answer together. SmolLM2 knows 8,192; half of them keep its memory under 300 MB.
CONTEXT = 4_096
# Answers that are written beside each other, at most. Each has a context of its own: 90 MB more with SmolLM2.
MOST_SLOTS = 4
# Without it a model this small soon says the same words again.
REPEAT_PENALTY = 1.1
# Signs by which a chat's template tells who speaks (`<|im_end|>`). The library reads them inside a message as well, so
# that a prompt could end its turn and speak as the system; with another bracket they are letters.
_TURNS = re.compile(r"<(?=\|[A-Za-z_]+\|>)")


class LocalChat:
    """A loaded model. It is asked by several threads at once: the library reads and writes for all of them in one go."""

    takes_many = True

    def __init__(self, weights: Path) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(weights)
        params.n_parallel = min(at_once(), MOST_SLOTS)
        params.n_ctx = CONTEXT * params.n_parallel
        params.kv_unified = False  # nobody's long answer may take the room of another's
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads()
        params.warmup = False
        params.verbosity = -1
        params.cache_ram_mib = 0
        params.ui = params.endpoint_slots = params.endpoint_props = False
        # The library insists on serving HTTP too, which would be a way to the model past every gate. So it listens on
        # a socket in a folder that is ours alone, behind a key that nobody has, and then the socket's name is removed.
        params.api_keys = [secrets.token_urlsafe(32)]
        hidden = Path(tempfile.mkdtemp(prefix="sw-"))
        params.hostnames = [str(hidden / "a.sock")]
        try:
            self._server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise OperationalError(
                "model_unreadable", Words("The language model cannot be loaded.", "无法加载语言模型。")
            ) from error
        finally:
            shutil.rmtree(hidden)

    def answer(self, question: Question, on_token: Callable[[str], None]) -> Figures:
        """Answer, handing each piece to `on_token`; what that raises ends the answer and is raised here.

        Raises UserError `prompt_too_long` when prompt and answer do not fit the model.
        """
        reader = _Reader(on_token)
        self._server.handle_chat_completions(json.dumps(_body(question)), reader.read)
        if reader.stopped:
            raise reader.stopped
        return reader.figures

    def say(self, question: Question) -> Answer:
        """The whole answer. Raises as `answer` does."""
        written: list[str] = []
        figures = self.answer(question, written.append)
        return Answer("".join(written), figures)

    def close(self) -> None:
        del self._server


class _Reader:
    """Reads the chunks of one answer. The library would swallow an exception, so it is kept for the caller."""

    def __init__(self, on_token: Callable[[str], None]) -> None:
        self._on_token = on_token
        self.stopped: BaseException | None = None
        self.figures = Figures(0, 0, 0.0, finished=False)
        self._finished = False

    def read(self, raw: str) -> bool:
        """Take one chunk; True asks the model to stop."""
        try:
            self._take(json.loads(raw))
        except BaseException as error:  # noqa: BLE001 - raised again by `answer`, whatever it is
            self.stopped = error
        return self.stopped is not None

    def _take(self, chunk: dict[str, Any]) -> None:
        if "error" in chunk:
            raise _refusal(chunk["error"])
        for choice in chunk.get("choices", ()):
            if piece := choice["delta"].get("content"):
                self._on_token(piece)
            self._finished = self._finished or choice.get("finish_reason") == "stop"
        if timings := chunk.get("timings"):
            speed = round(timings["predicted_per_second"], 1)
            self.figures = Figures(timings["predicted_n"], timings["prompt_n"], speed, self._finished)


def _body(question: Question) -> dict[str, Json]:
    return {
        "messages": [
            {**message, "content": _TURNS.sub("‹", message["content"])} for message in question.messages
        ],
        "max_tokens": question.max_tokens,
        "temperature": question.temperature,
        "stop": list(question.stop),
        "seed": question.seed,
        "repeat_penalty": REPEAT_PENALTY if not question.grammar else 1.0,
        "stream": True,
        # What an earlier question left in the cache changes rounding, and with it the answer to the same seed.
        "cache_prompt": question.cached,
        **({"grammar": question.grammar} if question.grammar else {}),
    }


def load(folder: Path) -> LocalChat:
    """The model in a folder: its one GGUF file, or the first part of several."""
    return LocalChat(min(folder.glob("*.gguf")))


def _refusal(error: dict[str, Any]) -> Exception:
    if error.get("type") == "exceed_context_size_error":
        return UserError(
            "prompt_too_long",
            Words(
                "The prompt is too long for this model: {given} tokens, and it takes {room}.",
                "提示词对该模型来说过长：共 {given} 个词元，而模型最多接受 {room} 个。",
            ).fill(given=error.get("n_prompt_tokens", "?"), room=error.get("n_ctx", CONTEXT)),
            Words("Shorten it, or choose another model.", "请缩短提示词或选择其他模型。"),
            port="prompt",
        )
    return OperationalError(
        "model_failed", Words("The language model could not answer.", "语言模型未能作答。"), retryable=True
    )
