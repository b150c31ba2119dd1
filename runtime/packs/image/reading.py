"""Reading: what a pipeline makes of a prompt's words before it paints, and the refusal of what it cannot read.

Pipelines cut a prompt at their length without a word, and paint something of an empty one.
"""

import json
from pathlib import Path
from typing import Any

from runtime.errors import UserError
from runtime.packs.image.side import SIZES
from runtime.words import Words

ENDLESS = 1 << 20  # tokenizers without a limit name a far larger number


def longest_prompt(folder: Path) -> int | None:
    """The tokens that the model in `folder` reads, where they are fewer than its tokenizers say."""
    try:
        said = json.loads((folder / SIZES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    longest = said.get("longest_prompt") if isinstance(said, dict) else None
    if longest is not None and (not isinstance(longest, int) or longest <= 0):
        raise ValueError(f"{SIZES}: longest_prompt is a number of tokens")
    return longest


def require_readable(pipeline: Any, prompt: str, negative: str, longest: int | None) -> None:
    """Raises UserError `prompt_says_nothing` or `prompt_too_long`.

    Of several tokenizers the one that reads most decides: what none of them reads is lost.
    """
    tokenizers = [
        part
        for name, part in pipeline.components.items()
        if name.startswith("tokenizer") and part is not None
    ]
    if not tokenizers:
        return
    if all(_ids(tokenizer, prompt) == _ids(tokenizer, "") for tokenizer in tokenizers):
        raise _says_nothing()
    widest = max(tokenizers, key=lambda tokenizer: int(tokenizer.model_max_length))
    room = min(longest or ENDLESS, int(widest.model_max_length))
    for text in (prompt, negative):
        if (given := len(_ids(widest, text))) > room < ENDLESS:
            raise _too_long(given, room, of_prompt=text is prompt)


def _ids(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text.strip(), verbose=False).input_ids
    return ids


def _says_nothing() -> UserError:
    return UserError(
        "prompt_says_nothing",
        Words(
            "The prompt is empty, or says nothing that this model knows.",
            "提示词为空，或不含该模型认识的内容。",
        ),
        Words(
            "Say what the picture should show, or choose another model.",
            "请写明图像应展示什么，或选择其他模型。",
        ),
        port="prompt",
    )


def _too_long(given: int, room: int, *, of_prompt: bool) -> UserError:
    said = (
        Words(
            "The prompt is too long for this model: {given} tokens, and it takes {room}.",
            "提示词对该模型来说过长：共 {given} 个词元，而模型最多接受 {room} 个。",
        )
        if of_prompt
        else Words(
            "What to avoid is too long for this model: {given} tokens, and it takes {room}.",
            "要避免的内容对该模型来说过长：共 {given} 个词元，而模型最多接受 {room} 个。",
        )
    )
    return UserError(
        "prompt_too_long",
        said.fill(given=given, room=room),
        Words("Shorten it, or choose another model.", "请缩短提示词或选择其他模型。"),
        port="prompt" if of_prompt else None,
    )
