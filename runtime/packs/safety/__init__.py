"""Filters: what gates use to recognise content."""

from collections.abc import Iterator

from runtime.packs.safety import judge, own_lists, topics
from runtime.packs.safety.faces import FACES
from runtime.packs.safety.nudity import NUDITY
from runtime.packs.safety.personal_data import PERSONAL_DATA
from runtime.packs.safety.picture_text import PICTURE_TEXT
from runtime.packs.safety.profanity import PROFANITY
from runtime.packs.safety.prompt_attack import PROMPT_ATTACK
from runtime.packs.safety.secrets import SECRETS
from runtime.packs.safety.speech import SPEECH
from runtime.packs.safety.words import WORDS
from runtime.safety.filters import Filter

__all__ = ["FILTERS", "installed"]

FILTERS = (WORDS, PROMPT_ATTACK, PERSONAL_DATA, SECRETS, PROFANITY, NUDITY, PICTURE_TEXT, FACES, SPEECH)


def installed() -> Iterator[Filter]:
    """What the installation's own lists offer, for words and for topics, and a judge by each of its chat models."""
    yield from own_lists.filters()
    yield from topics.filters()
    yield from judge.filters()
