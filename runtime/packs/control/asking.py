"""What the nodes that ask a person have in common: the question, and how long it waits."""

from runtime.nodes.spec import Param, ParamKind, Reach
from runtime.words import Words

LONGEST = 30 * 24 * 3_600  # seconds

QUESTION = Param(
    "question",
    ParamKind.MULTILINE,
    Words("Question", "问题"),
    Reach.PERSON,
    default="",
    help=Words("What the person is asked.", "向回答者提出的问题。"),
    max_length=2_000,
)
LIMIT = Param(
    "limit",
    ParamKind.DURATION,
    Words("Answer within", "回答期限"),
    Reach.NOWHERE,
    help=Words("Empty: thirty days.", "留空则为三十天。"),
    minimum=60,
    maximum=LONGEST,
)
