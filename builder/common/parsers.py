"""Reads JSON that every part can store and send on: bounded, without NUL, lone surrogates or infinite numbers."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.parsers import BaseParser

from builder.common.errors import Refused
from builder.common.translate_errors import too_large
from runtime.values import Json
from runtime.words import Words

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
# What a browser can hold without rounding (RFC 7493).
MAX_INTEGER = 2**53 - 1
# PostgreSQL stores neither NUL nor half a character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """`application/json`, in UTF-8, of at most 4 MB."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Json:
        content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise too_large()
        return read_json(content)


def read_json(content: bytes) -> Json:
    """The value that `content` spells. Raises Refused `bad_json` with the reason."""
    try:
        value = json.loads(
            content.decode("utf-8"), parse_int=_integer, parse_float=_number, parse_constant=_constant
        )
    except (ValueError, RecursionError):
        raise _bad("The body is not JSON.", "请求内容不是有效的 JSON。") from None
    _check(value)
    return value


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise _bad("A number in the body is too large.", "请求内容中的数字过大。")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _bad("A number in the body is too large.", "请求内容中的数字过大。")
    return number


def _constant(name: str) -> NoReturn:
    raise _bad("NaN and Infinity are not JSON.", "NaN 和 Infinity 不是有效的 JSON。")


def _check(value: Json) -> None:
    """Walk the value without recursion: its depth is the sender's choice."""
    waiting: list[tuple[Json, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _bad("The body is nested too deeply.", "请求内容嵌套过深。")
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict):
            for name, inner in item.items():
                _check_text(name)
                waiting.append((inner, depth + 1))
        elif isinstance(item, list):
            waiting.extend((inner, depth + 1) for inner in item)


def _check_text(text: str) -> None:
    if _UNSTORABLE.search(text):
        raise _bad("A text holds characters that cannot be kept.", "文本中含有无法保存的字符。")


def _bad(en: str, zh: str) -> Refused:
    return Refused("bad_json", Words(en, zh))
