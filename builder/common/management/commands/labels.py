"""`manage.py labels FILE`: which labels of AI-made content a file carries."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from builder.common.credentials import own_chain
from runtime.labelling.credential import Credential, Standing
from runtime.labelling.files import Unreadable
from runtime.labelling.report import Report, inspect

NONE, UNREADABLE, DAMAGED = 1, 64, 65
LARGEST = 1_000_000_000  # bytes; more than that is not read at once

_LABEL = {"1": "made by AI", "2": "possibly made by AI", "3": "suspected to be made by AI"}
_STANDING = {
    Standing.OURS: "sound, signed by this installation",
    Standing.SOUND: "sound, signed by somebody whom this installation does not know",
    Standing.BROKEN: "BROKEN: the file was changed after it was signed, or the signature is none",
}


class Command(BaseCommand):
    """Read the file, tell, answer by exit code."""

    help = (
        "Show which labels of AI-made content a file carries (PNG, JPEG, WebP, WAV, MP4, text). "
        "Exit code 0: labelled; 1: no label; 64: it cannot be read; 65: a label that is broken or was tampered with."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print JSON, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report."""
        path: Path = options["file"]
        try:
            report = inspect(_bytes_of(path), own_chain())
        except (OSError, Unreadable) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else fault
            self.stderr.write(f"{path} cannot be read: {reason}.")
            sys.exit(UNREADABLE)
        self.stdout.write(json.dumps(report.to_json()) if options["json"] else told(path, report))
        if report.damaged:
            sys.exit(DAMAGED)
        if not report.labelled:
            sys.exit(NONE)


def told(path: Path, report: Report) -> str:
    """The report in lines for people."""
    lines = [f"{path}: {report.container.value}"]
    if report.sentence:
        lines.append(f"  visible sentence: {report.sentence}")
    if aigc := report.marks.aigc:
        lines.append(f"  AIGC (GB 45438-2025): {_LABEL[aigc.label]}")
        lines += [f"    {name}: {value}" for name, value in aigc.fields().items() if value]
    if report.marks.digital_source:
        lines.append(f"  IPTC digital source: {report.marks.digital_source}")
    if report.credential:
        lines += _credential(report.credential)
    if report.fault:
        lines.append(f"  what should be a label is none: {report.fault}")
    # Whoever wrote the file may have meant its words for our terminal.
    return "\n".join(map(_harmless, lines if len(lines) > 1 else [*lines, "  no label"]))


def _harmless(line: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in line)


def _credential(credential: Credential) -> list[str]:
    lines = [f"  C2PA credential: {_STANDING[credential.standing]}"]
    facts = {
        "signer": credential.signer,
        "made with": credential.made_with,
        "digital source": credential.digital_source,
    }
    lines += [f"    {name}: {value}" for name, value in facts.items() if value]
    return [*lines, *(f"    problem: {code}" for code in credential.problems)]


def _bytes_of(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST // 1_000_000} MB")
    return path.read_bytes()
