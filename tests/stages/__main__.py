"""Runs the stages: `python -m tests.stages [stage or test path ...]`."""

import sys

from builder.bootstrap import places
from builder.bootstrap.talk import Refusal, say
from tests.stages.lanes import how_many, run_all
from tests.stages.report import table
from tests.stages.stages import Stage, every_stage, of_paths


def main(names: list[str]) -> int:
    """Run what was asked for, all of it whatever fails on the way; 0 when everything was fine."""
    results = run_all(choose(names), how_many())
    for line in table(results):
        say(line)
    return 0 if all(result.ok for result in results) else 1


def choose(names: list[str]) -> list[Stage]:
    """The stages with these names (`pytest` is all its parts, `pytest:api` one); what is no stage must be a path of tests."""
    stages = every_stage()
    known = {name for stage in stages for name in (stage.name, stage.title)}
    paths = [name for name in names if name not in known]
    for path in paths:
        if not (places.ROOT / path.partition("::")[0]).exists():
            raise Refusal(
                f"{path!r} is neither a stage ({', '.join(dict.fromkeys(s.name for s in stages))}) nor a path of tests."
            )
    chosen = [stage for stage in stages if not names or {stage.name, stage.title} & {*names}]
    return [*chosen, of_paths(paths)] if paths else chosen


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refusal as refusal:
        sys.exit(str(refusal))
