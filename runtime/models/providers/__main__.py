"""`python -m runtime.models.providers`: asks a provider for one word. The order and its key come on standard input."""

import json
import sys
import time

from runtime.errors import OperationalError
from runtime.models.chat import Question
from runtime.models.providers.given import Given
from runtime.models.providers.remote import RemoteChat
from runtime.values import Json

GREETING = Question("Say hello in one word.", "", 16, 0.0, (), 1)


def main() -> None:
    order = json.load(sys.stdin)
    given = Given()
    given.give(order["keys"])
    print(json.dumps(_try(given, order["provider"], order["model"])))


def _try(given: Given, name: str, model: str) -> dict[str, Json]:
    began = time.monotonic()
    try:
        RemoteChat(given.access(name, model), model).say(GREETING)
    except OperationalError as fault:
        hint = fault.hint.to_json() if fault.hint else None
        return {"fault": {"code": fault.code, "message": fault.message.to_json(), "hint": hint}}
    return {"seconds": time.monotonic() - began}


if __name__ == "__main__":
    main()
