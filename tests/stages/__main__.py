"""Runs the stages: `python -m tests.stages [stage or test path ...]`."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from builder.bootstrap import places
from builder.bootstrap.talk import Refusal, say
from tests.stages.report import Counts, Result, read_junit, table
from tests.stages.stages import Stage, every_stage, of_paths

# What the caller's own installation is told stays with it: the tests have homes and databases of their own.
MAY_PASS = frozenset(
    {"SLUICEWAY_VENV", "SLUICEWAY_TEST_POSTGRES", "SLUICEWAY_MODEL_CACHE", "SLUICEWAY_CHROMIUM"}
)
# One thread each: with two on shared cores torch spins instead of working (3.8 down to 0.5 tokens/s).
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "tests.settings"}


def main(names: list[str]) -> int:
    """Run what was asked for, all of it whatever fails on the way; 0 when everything was fine."""
    results = []
    for stage in choose(names):
        say(f"\n=== {stage.name}")
        results.append(run(stage))
    for line in table(results):
        say(line)
    return 0 if all(result.ok for result in results) else 1


def environment() -> dict[str, str]:
    """The variables of every stage."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SLUICEWAY_") or name in MAY_PASS
    }
    return kept | ENVIRONMENT


def choose(names: list[str]) -> list[Stage]:
    """The stages with these names; what is no stage must be a path of tests."""
    stages = every_stage()
    known = {stage.name for stage in stages}
    paths = [name for name in names if name not in known]
    for path in paths:
        if not (places.ROOT / path.partition("::")[0]).exists():
            raise Refusal(
                f"{path!r} is neither a stage ({', '.join(s.name for s in stages)}) nor a path of tests."
            )
    chosen = [stage for stage in stages if not names or stage.name in names]
    return [*chosen, of_paths(paths)] if paths else chosen


def run(stage: Stage) -> Result:
    """Run one stage, its output shown as it comes."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sluiceway-stage-") as folder:
        junit = Path(folder) / "junit.xml"
        command = [*stage.command, *(argument.format(junit) for argument in stage.junit)]
        try:
            with stage.prepare() as more:
                done = subprocess.run(command, cwd=stage.folder, env=environment() | more)
        except (Refusal, OSError, RuntimeError, subprocess.CalledProcessError) as error:  # one stage, not all
            say(str(error))
            counts = Counts(failed=1) if stage.junit else None
            return Result(stage.name, False, time.monotonic() - start, counts, note=f" ({error})")
        counts = read_junit(junit) if stage.junit else None
    ok = done.returncode == 0 and not (counts and counts.failed)
    return Result(stage.name, ok, time.monotonic() - start, counts)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refusal as refusal:
        sys.exit(str(refusal))
