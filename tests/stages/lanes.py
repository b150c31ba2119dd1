"""Runs stages side by side, one on each processor; what a stage says is shown when it ends."""

import os
import subprocess
import tempfile
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from builder.bootstrap import environ
from builder.bootstrap.talk import Refusal, say
from tests.stages.report import Counts, Result, read_junit
from tests.stages.stages import Stage

# What the caller's own installation is told stays with it: the tests have homes and databases of their own.
MAY_PASS = frozenset(
    {"SLUICEWAY_VENV", "SLUICEWAY_TEST_POSTGRES", "SLUICEWAY_MODEL_CACHE", "SLUICEWAY_CHROMIUM"}
)
# One thread each: with two on shared cores torch spins instead of working (3.8 down to 0.5 tokens/s).
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "tests.settings"}
# Each stage of tests holds a gigabyte or two, and with more lanes than this the longest of them decides anyway.
MOST_LANES = 4
# Byte code is kept whatever the caller's own wish: else each of the hundreds of processes that tests start compiles all of
# the product anew (0.4 s), and each stage every test.
NOT_PASSED = frozenset({"PYTHONDONTWRITEBYTECODE"})
SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_TO_STOP = 10


def how_many() -> int:
    """How many stages run at a time: `SLUICEWAY_TEST_LANES`, else one on each processor that we may use."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, environ.number("SLUICEWAY_TEST_LANES", min(processors, MOST_LANES)))


def environment() -> dict[str, str]:
    """The variables of every stage."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in MAY_PASS or not (name.startswith("SLUICEWAY_") or name in NOT_PASSED)
    }
    return kept | ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Running:
    """A stage that has begun. `around` undoes its preparation; `said` is None where its output is seen as it comes."""

    stage: Stage
    process: subprocess.Popen[bytes]
    start: float
    junit: Path
    said: IO[bytes] | None
    around: ExitStack

    def end(self) -> Result:
        """What became of it, once its process has ended; what it said is shown now."""
        with self.around:
            code = self.process.wait()
            if self.said:
                self.said.seek(0)
                say(f"\n=== {self.stage.title}")
                say(self.said.read().decode(errors="replace").strip())
            counts = read_junit(self.junit) if self.stage.junit else None
        ok = code == 0 and not (counts and counts.failed)
        return Result(self.stage.title, ok, monotonic() - self.start, counts)

    def give_up(self) -> None:
        """Wait a little for a stage that was interrupted with us, then end it."""
        with self.around:
            try:
                self.process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def begin(stage: Stage, seen: bool) -> Running | Result:
    """Start a stage; what came of it at once where it cannot be started, which ends no other."""
    start = monotonic()
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluiceway-stage-")))
            more = stack.enter_context(stage.prepare())
            junit = folder / "junit.xml"
            command = [*stage.command, *(argument.format(junit) for argument in stage.junit)]
            said = None if seen else stack.enter_context((folder / "said").open("w+b"))
            process = subprocess.Popen(
                command, cwd=stage.folder, env=environment() | more, stdout=said, stderr=said
            )
        except (Refusal, OSError, RuntimeError, subprocess.CalledProcessError) as error:
            say(str(error))
            counts = Counts(failed=(f"{stage.title}: it never began",)) if stage.junit else None
            return Result(stage.title, False, monotonic() - start, counts, note=f" ({error})")
        return Running(stage, process, start, junit, said, stack.pop_all())


def run_all(stages: Sequence[Stage], lanes: int) -> list[Result]:
    """Run the stages, all of them whatever fails on the way; each begins as soon as a lane is free."""
    seen = lanes == 1 or len(stages) == 1
    waiting, running = deque(enumerate(stages)), dict[int, Running]()
    results: dict[int, Result] = {}
    try:
        while waiting or running:
            while waiting and len(running) < lanes:
                place, stage = waiting.popleft()
                say(f"\n=== {stage.title}" if seen else f"• {stage.title} begins")
                begun = begin(stage, seen)
                if isinstance(begun, Running):
                    running[place] = begun
                else:
                    results[place] = begun
            sleep(SECONDS_BETWEEN_LOOKS)
            for place in [place for place, one in running.items() if one.process.poll() is not None]:
                results[place] = running.pop(place).end()
    finally:
        for one in running.values():
            one.give_up()
    return [results[place] for place in range(len(stages))]
