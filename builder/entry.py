"""What `manage.py` does: prepare the environment when a verb needs it, move into it, run the command there."""

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from builder.bootstrap import bundle, environment, lock, places, preflight
from builder.bootstrap.environ import Misset
from builder.bootstrap.talk import Refusal, sentence

PREPARING = frozenset({"setup", "up", "test"})
ONLY_HELP = frozenset({"-h", "--help"})


def main(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code is returned."""
    arguments = with_underscores(arguments)
    try:
        prepare(arguments)
        if not is_inside():
            enter(arguments)
        run_django(arguments)
    except (Refusal, Misset) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Exception as error:
        text = sentence(error)
        if text is None:
            raise
        print(text, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Start it again to go on from here.", file=sys.stderr)
        return 130
    return 0


def with_underscores(arguments: Sequence[str]) -> Sequence[str]:
    """`train-starter` is `train_starter`: Django knows the second, and people type either."""
    verb = arguments[0] if arguments else "-"
    return arguments if verb.startswith("-") else [verb.replace("-", "_"), *arguments[1:]]


def prepare(arguments: Sequence[str]) -> None:
    """Install and build what the command needs; nothing when everything is there."""
    verb = arguments[0] if arguments else ""
    if verb not in PREPARING or ONLY_HELP & set(arguments):
        if not is_inside() and not environment.stamp_of(places.REQUIREMENTS).exists():
            raise Refusal("Sluiceway is not installed here yet. Run `python3 manage.py setup` first.")
        return
    if verb == "up":
        preflight.check(arguments[1:])
    with lock.waiting(places.REQUIREMENTS):
        install(verb)


def install(verb: str) -> None:
    """Bring the environment and the bundle up to date."""
    stands = environment.is_installed(places.REQUIREMENTS)
    environment.ensure(
        places.REQUIREMENTS, "installing the packages of requirements.txt (2 GB, some minutes)"
    )
    with nullcontext() if stands else environment.compiled_beside():
        if verb != "up":
            environment.ensure(places.TEST_REQUIREMENTS, "installing the packages of tests/requirements.txt")
        bundle.ensure()


def is_inside() -> bool:
    """Whether this interpreter is the environment's."""
    return Path(sys.prefix).resolve() == places.environment().resolve()


def enter(arguments: Sequence[str]) -> None:
    """Become the environment's interpreter, with the same command. Does not return."""
    python = str(places.environment_python())
    sys.stdout.flush()
    os.execv(python, [python, str(places.ROOT / "manage.py"), *arguments])


def run_django(arguments: Sequence[str]) -> None:
    """Hand the command to Django, which knows all of them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder.settings")
    from django.core.management import execute_from_command_line  # it exists only inside the environment

    execute_from_command_line(["manage.py", *arguments])
