"""Chooses the language of an answer: what the request asks for, else what the user prefers, else English."""

from typing import Literal, get_args

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from runtime.words import Words

Language = Literal["en", "zh-hans"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def language_of(request: HttpRequest) -> Language:
    """What the request asks for, else what the signed-in person prefers."""
    wanted = wanted_language(request)
    if wanted:
        return wanted
    preferred = getattr(getattr(request, "user", None), "language", "")
    return preferred if preferred in LANGUAGES else "en"


def wanted_language(request: HttpRequest) -> Language | None:
    """The best of our languages by `Accept-Language`. Any Chinese is served as Simplified Chinese."""
    for wanted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wanted == "zh" or wanted.startswith("zh-"):
            return "zh-hans"
        if wanted == "en" or wanted.startswith("en-"):
            return "en"
    return None


def say(words: Words, language: Language) -> str:
    return words.zh if language == "zh-hans" else words.en
