"""checks: what must hold when all is over, from the rows of the database and the files on the disk alone."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builder.runs.models import ContentUse, Event, Output, Run, Segment, Step
from runtime.assets.store import DRAFT
from runtime.dispatch.states import RUN_ENDED, SEGMENT_ENDED, STEP_ENDED
from tests.chaos import points
from tests.chaos.load import EFFECTS, answer

ENDS = {f"run.{state}" for state in RUN_ENDED}
DISK_FULL = "no_space"  # the one way in which a run of the load may fail


def check(known: Iterable[str], assets: Path) -> dict[str, Any]:
    """Counts, each of which but those that only tell must be nothing."""
    runs = list(Run.objects.all())
    states = Counter(run.state for run in runs)
    codes = Counter(run.error["code"] for run in runs if run.state == "failed" and run.error)
    events, again = _events(runs)
    return {
        "runs": len(runs),
        "runs_succeeded": states["succeeded"],
        "runs_without_space": codes[DISK_FULL],
        "segments": Segment.objects.count(),
        "attempts": sum(Segment.objects.values_list("attempt", flat=True)),
        "losses": sum(Segment.objects.values_list("losses", flat=True)),
        "lost": len(set(known) - {str(run.pk) for run in runs}) + _open(runs),
        "failed_without_cause": sum(codes.values()) - codes[DISK_FULL] + states["cancelled"] + states["blocked"],
        "codes": dict(codes),
        "finished_twice": again,
        "gaps": events,
        "wrong_answers": _wrong(runs),
        "stale_writes": stale(points.noted(points.WRITES)),
        **_effects(runs),
        **_assets(assets),
    }  # fmt: skip


def _open(runs: Iterable[Run]) -> int:
    """Runs that have not ended, or say so although a part of them has not."""
    ended = {run.pk for run in runs if run.state in RUN_ENDED}
    segments = Segment.objects.exclude(state__in=[s.value for s in SEGMENT_ENDED])
    steps = Step.objects.exclude(state__in=[s.value for s in STEP_ENDED])
    half = {*segments.values_list("run_id", flat=True), *steps.values_list("run_id", flat=True)}
    return sum(run.pk not in ended or run.pk in half for run in runs)


def _events(runs: Iterable[Run]) -> tuple[int, int]:
    """Runs whose numbers have gaps; and ends told again, of runs or steps, or anything told after the end."""
    by_run: dict[Any, list[tuple[int, str, Any]]] = defaultdict(list)
    for run, seq, kind, data in Event.objects.order_by("run", "seq").values_list(
        "run_id", "seq", "kind", "data"
    ):
        by_run[run].append((seq, kind, data))
    gaps = again = 0
    for run in runs:
        told = by_run[run.pk]
        gaps += [seq for seq, _, _ in told] != list(range(1, run.last_event + 1))
        ends = [index for index, (_, kind, _) in enumerate(told) if kind in ENDS]
        again += len(ends) > 1 or (bool(ends) and ends[0] != len(told) - 1)
        again += bool(ends) and told[ends[-1]][1] != f"run.{run.state}"
        steps = Counter(
            data["step"] for _, kind, data in told if kind in {f"step.{state}" for state in STEP_ENDED}
        )
        again += sum(number > 1 for number in steps.values())
    return gaps, again


def _shape(run: Run) -> str:
    return str(run.inputs["text"]).rsplit("-", 1)[0]


def _wrong(runs: Iterable[Run]) -> int:
    """Runs that succeeded and did not tell what they must; and answers of runs that have failed."""
    told = {output.run_id: output.value for output in Output.objects.filter(name="answer")}
    wrong = Output.objects.count() - len(told)
    for run in runs:
        expected = answer(_shape(run), run.inputs["text"])
        if run.state != "succeeded":
            wrong += run.pk in told
        elif expected is None:
            wrong += run.pk not in told
        else:
            wrong += told.get(run.pk) != expected
    return wrong


def _effects(runs: Iterable[Run]) -> dict[str, int]:
    """An attempt runs a step once, and none after the one whose result was kept: so often may its line stand there."""
    lines = Counter(points.noted(points.EFFECTS))
    kept = {
        (run, name): attempt
        for run, name, attempt in Step.objects.filter(state="done").values_list("run_id", "name", "attempt")
    }
    duplicates = missing = repeated = 0
    for run in runs:
        word = run.inputs["text"].split()[0]
        for step in EFFECTS[_shape(run)]:
            count = lines.pop(f"{word} {step}", 0)
            attempt = kept.get((run.pk, step))
            repeated += max(0, count - 1)
            if attempt is not None:
                duplicates += max(0, count - attempt)
                missing += count == 0
    return {
        "duplicate_effects": duplicates,
        "effects_missing": missing,
        "effects_of_nobody": len(lines),
        "effects_run_again": repeated,
    }


def _assets(folder: Path) -> dict[str, int]:
    """Files whose bytes are not what their names say; contents that a run names and that are not there."""
    named = set(ContentUse.objects.values_list("sha256", flat=True))
    files = [path for path in folder.glob("*/*/*") if path.is_file()]
    whole = [path for path in files if not path.name.startswith(DRAFT)]
    bad = sum(hashlib.sha256(path.read_bytes()).hexdigest() != path.name for path in whole)
    return {
        "assets": len(whole),
        "half_written_drafts": len(files) - len(whole),
        "bad_assets": bad + len(named - {path.name for path in whole}),
    }


def stale(writes: Iterable[str]) -> int:
    """Writes that were accepted after one with a later fence. They are noted in the order of their transactions."""
    last: dict[tuple[str, str], int] = {}
    count = 0
    for line in writes:
        run, segment, fence = line.split()
        count += int(fence) < last.get((run, segment), 0)
        last[run, segment] = max(int(fence), last.get((run, segment), 0))
    return count
