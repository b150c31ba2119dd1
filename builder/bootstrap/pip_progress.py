"""Follows a running pip: its output into a log, and one line that says how far it is."""

import os
import re
import select
import subprocess
from pathlib import Path

from builder.bootstrap.talk import Progress

TICK = 1.0  # seconds without a word of pip's after which the line is shown again

COLLECTING = re.compile(r"Collecting ([\w.\-]+)")
FETCHING = re.compile(r"(?:Downloading|Using cached|Processing) (\S+)(?: \(([\d.]+) ([kMG]?B)\))?")
INSTALLING = re.compile(r"Installing collected packages: (.*)")
IN_MEGABYTES = {"B": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}


def run(command: list[str], log: Path, environment: Path) -> int:
    """Run pip to its end; its exit code is returned."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    with log.open("wb") as file, process.stdout as output:
        reader, rest = Reader(environment), b""
        while True:
            if select.select([output], [], [], TICK)[0]:
                piece = os.read(output.fileno(), 65_536)
                if not piece:
                    break
                file.write(piece)
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    reader.read(line.decode(errors="replace"))
            reader.show()
    reader.progress.clear()
    return process.wait()


class Reader:
    """What pip's lines say about how far it is."""

    def __init__(self, environment: Path) -> None:
        self.progress = Progress()
        self._environment = environment
        self._found: set[str] = set()
        self._megabytes = 0.0
        self._doing = "starting"
        self._before = self._installed()
        self._total = 0

    def read(self, line: str) -> None:
        """Take one line of pip's output."""
        line = line.strip()
        if found := COLLECTING.match(line):
            self._found.add(found[1])
            self._doing = f"looking for {found[1]}"
        elif found := FETCHING.match(line):
            self._megabytes += float(found[2] or 0) * IN_MEGABYTES.get(found[3] or "MB", 1.0)
            size = f" ({found[2]} {found[3]})" if found[2] else ""
            self._doing = f"fetching {found[1].rsplit('/')[-1]}{size}"
        elif found := INSTALLING.match(line):
            self._total = found[1].count(",") + 1

    def text(self) -> str:
        """How far pip is, in words."""
        if self._total:
            done = min(self._installed() - self._before, self._total)
            return f"unpacking: {done} of {self._total} packages"
        return f"{len(self._found)} packages, {self._megabytes:.0f} MB so far: {self._doing}"

    def show(self) -> None:
        """Show it."""
        self.progress.show(self.text())

    def _installed(self) -> int:
        return sum(1 for _ in self._environment.glob("lib/python3*/site-packages/*.dist-info"))
