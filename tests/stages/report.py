"""What the stages found: counts read from JUnit files, and the closing table."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tests of one stage did what; every skip with its reason."""

    passed: int = 0
    failed: int = 0
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One finished stage. `counts` is None for a stage that is a single check."""

    name: str
    ok: bool
    seconds: float
    counts: Counts | None = None
    note: str = ""


def read_junit(path: Path) -> Counts:
    """The counts in a JUnit file; a stage that left none crashed, which is one failure."""
    if not path.exists():
        return Counts(failed=1)
    passed = failed = 0
    skipped = []
    for case in ET.parse(path).iter("testcase"):
        skip = case.find("skipped")
        if skip is not None:
            reason = skip.get("message") or "no reason given"
            skipped.append(f"{case.get('classname')}::{case.get('name')}: {reason}")
        elif case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        else:
            passed += 1
    return Counts(passed, failed, tuple(skipped))


def table(results: list[Result]) -> list[str]:
    """The closing lines; the last one is `N passed, N failed`, of tests."""
    lines = ["", f"{'stage':<18} {'':<7} {'seconds':>8}  tests"]
    for result in results:
        counts = result.counts
        tests = f"{counts.passed} passed, {counts.failed} failed" if counts else ""
        if counts and counts.skipped:
            tests += f", {len(counts.skipped)} skipped"
        state = "ok" if result.ok else "FAILED"
        lines.append(f"{result.name:<18} {state:<7} {result.seconds:>8.1f}  {tests}{result.note}")
    every = [result.counts for result in results if result.counts]
    skips = [skip for counts in every for skip in counts.skipped]
    if skips:
        lines += ["", "Skipped:", *(f"  {skip}" for skip in skips)]
    broken = [result.name for result in results if not result.ok]
    if broken:
        lines += ["", f"Stages that failed: {', '.join(broken)}"]
    lines.append(f"{sum(c.passed for c in every)} passed, {sum(c.failed for c in every)} failed")
    return lines
