"""chaos: workers and children killed, stopped, lied to and robbed of their services; then rows and files are counted.

`--kills N` says how many processes are killed (100), `--postgres` takes a Postgres that crashes as well (so does
SLUICEWAY_DATABASE_URL), `--seed N` draws other faults. The control is the same with the fence switched off, and must be
found out. Last come messages on the broker that nobody of ours sent. What is covered and what is not:
docs/decisions/040-what-chaos-tries.md.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from builder.bootstrap import places
from tests.bench.figures import Figure

KILLS = 100
MESSAGES = 10_000
BAR_SECONDS = 120.0  # for a hundred kills
BAR_TAKEOVER_S = 5.0
# One long run at a time, whose worker stands still for longer than a lease: another is free to take it over.
CONTROL = {
    "strikes": 10, "only": "zombie", "errors": 0.0, "rate": 0.25, "under_way": 1, "nap": 0.4, "shapes": "long",
}  # fmt: skip
# Each of these is nothing, or something is broken.
NOTHING = {
    "lost": "runs that have not ended, or are gone",
    "failed_without_cause": "runs that failed although no disk was full",
    "finished_twice": "ends told again, of runs or steps, or anything told after the end",
    "duplicate_effects": "effects done again after their result was kept",
    "effects_missing": "effects said to be done that were not",
    "effects_of_nobody": "effects that belong to no run",
    "gaps": "runs whose events are not numbered 1, 2, 3, ...",
    "wrong_answers": "answers that are not what the run must have told",
    "stale_writes": "writes accepted under a fence that was no longer the last",
    "bad_assets": "files whose bytes are not what their names say, or that are named and not there",
    "workers_died_unasked": "workers that ended although nobody killed them",
}
TOLD = (
    "runs", "runs_without_space", "segments", "attempts", "losses", "effects_run_again", "assets", "half_written_drafts",
    "workers_hired", "takeovers",
)  # fmt: skip


def measure(kills: int = KILLS, postgres: bool = False, seed: int = 1) -> Sequence[Figure]:
    postgres = postgres or os.environ.get("SLUICEWAY_DATABASE_URL", "").startswith("postgres")
    told = play(kills=kills, seed=seed, postgres=postgres, seconds=max(120.0, 6.0 * kills))
    control = play(seed=seed, postgres=postgres, unfenced=True, **CONTROL)
    return [*figures(told, kills), *_control(control), *_forged(postgres)]


def play(**asked: Any) -> dict[str, Any]:
    """What the arena tells. RuntimeError, with its words, where it could not play."""
    options = [
        part
        for name, value in asked.items()
        if value is not False
        for part in ((f"--{name}",) if value is True else (f"--{name}", str(value)))
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.arena", *options], cwd=places.ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(told: dict[str, Any], kills: int) -> list[Figure]:
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(told["kills"].items()))
    others = ", ".join(f"{name} {count}" for name, count in sorted(told["others"].items()))
    allowed = BAR_SECONDS * max(1.0, kills / KILLS)
    load = f"load average {told['load_average']:.1f}; processor seconds {told['processor_seconds']:.0f}"
    return [
        Figure("kills", sum(told["kills"].values()), "", kills, "at least", kinds),
        Figure("other_faults", sum(told["others"].values()), "", note=others),
        *(Figure(name, told[name], "", 0.0, note=note) for name, note in NOTHING.items()),
        *(Figure(name, told[name], "") for name in TOLD),
        Figure("takeover_p50", told["takeover_p50"], "s"),
        Figure("takeover_p99", told["takeover_p99"], "s", BAR_TAKEOVER_S, note="after a lease of 1 s has ended"),
        Figure("takeover_most", told["takeover_most"], "s"),
        Figure("seconds", told["seconds"], "s", allowed, note=load),
        Figure("seconds_to_end", told["seconds_to_end"], "s", note="from the last fault to the end of the last run"),
    ]  # fmt: skip


def _control(told: dict[str, Any]) -> list[Figure]:
    seen = "; ".join(f"{name} {told[name]}" for name in NOTHING if told[name])
    return [
        Figure(
            "control.stale_writes", told["stale_writes"], "", 1.0, "at least",
            f"with the fence switched off the same checks must fail: {seen or 'they did not'}",
        )
    ]  # fmt: skip


def _forged(postgres: bool) -> list[Figure]:
    told = play(strikes=5, only="wakes", messages=MESSAGES, postgres=postgres, workers=1, errors=0.0)
    return [
        Figure("forged.messages", told["messages"], "", float(MESSAGES), "at least"),
        Figure("forged.started", told["started_by_messages"], "", 0.0, note="runs, segments or steps that moved"),
        Figure("forged.opened", told["opened"], "", 0.0, note="pickles that were opened"),
        Figure("forged.runs_afterwards", told["runs_succeeded"], "", 1.0, "at least", "honest ones, which succeeded"),
        Figure("forged.left_lying", told["left_lying"], "", note="that no worker had taken within 5 s"),
        Figure("forged.workers_died", told["workers_died_unasked"], "", 0.0),
        Figure("forged.lost", told["lost"], "", 0.0, note="honest runs afterwards that did not end"),
    ]  # fmt: skip
