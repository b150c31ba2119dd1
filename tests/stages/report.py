"""What the stages found: counts read from JUnit files, and the closing table."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

REASON = 1_000  # characters that the closing lines tell of one


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tests of one stage did what; every failure and every skip with its reason."""

    passed: int = 0
    failed: tuple[str, ...] = ()
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
        return Counts(failed=(f"{path.name} was never written",))
    passed = 0
    failed: list[str] = []
    skipped: list[str] = []
    for case in ET.parse(path).iter("testcase"):
        found = [(kind, part) for kind in ("skipped", "failure", "error") for part in case.findall(kind)]
        for kind, part in found[:1]:
            reason = part.get("message") or "no reason given"
            told = skipped if kind == "skipped" else failed
            told.append(f"{case.get('classname')}::{case.get('name')}: {reason[:REASON]}")
        passed += not found
    return Counts(passed, tuple(failed), tuple(skipped))


def table(results: list[Result]) -> list[str]:
    """The closing lines; the last one is `N passed, N failed`, of tests."""
    lines = ["", f"{'stage':<18} {'':<7} {'seconds':>8}  tests"]
    for result in results:
        counts = result.counts
        tests = f"{counts.passed} passed, {len(counts.failed)} failed" if counts else ""
        if counts and counts.skipped:
            tests += f", {len(counts.skipped)} skipped"
        state = "ok" if result.ok else "FAILED"
        lines.append(f"{result.name:<18} {state:<7} {result.seconds:>8.1f}  {tests}{result.note}")
    every = [result.counts for result in results if result.counts]
    for title, told in (
        ("Skipped:", [item for counts in every for item in counts.skipped]),
        ("Failed:", [item for counts in every for item in counts.failed]),
    ):
        lines += ["", title, *(f"  {item}" for item in told)] if told else []
    broken = [result.name for result in results if not result.ok]
    if broken:
        lines += ["", f"Stages that failed: {', '.join(broken)}"]
    lines.append(f"{sum(c.passed for c in every)} passed, {sum(len(c.failed) for c in every)} failed")
    return lines
