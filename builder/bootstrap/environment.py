"""Makes the virtual environment and installs the requirements into it, showing how far it is."""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builder.bootstrap import disk, pip_progress, places, stamps
from builder.bootstrap.talk import Refusal, say, step

# Measured: 2.2 GB installed, and pip unpacks the largest wheel (0.2 GB) beside it.
MEGABYTES_NEEDED = 3_000
LOG_TAIL = 15

REASONS = (
    (re.compile(r"No space left on device", re.I), "the disk is full"),
    (
        re.compile(r"NewConnectionError|Name or service not known|Temporary failure in name res|"
                   r"Network is unreachable|ConnectTimeout|ProxyError|Connection refused", re.I),
        "the package index cannot be reached; check the network, or pip's configuration",
    ),
    (re.compile(r"No matching distribution found for (\S+)"), "the package index does not offer {0} for this machine"),
)  # fmt: skip


def stamp_of(requirements: Path) -> Path:
    """Where it is written down that `requirements` are installed."""
    name = ".sluiceway-" + ("tests" if requirements.parent.name == "tests" else "requirements")
    return places.environment() / name


def is_installed(requirements: Path) -> bool:
    """Whether the environment holds exactly these requirements."""
    return places.environment_python().exists() and stamps.is_fresh(
        stamp_of(requirements), _wanted(requirements)
    )


def ensure(requirements: Path, title: str) -> None:
    """Install `requirements`, unless they are. Refusal with one sentence when that fails."""
    if is_installed(requirements):
        return
    target = places.environment()
    if not _works():
        disk.require_free(target, MEGABYTES_NEEDED, "Installing Sluiceway's packages")
        with step(f"making the Python environment {target}"):
            _make(target)
    stamps.remove(stamp_of(requirements))
    with step(title):
        _install(requirements)
    stamps.write(stamp_of(requirements), _wanted(requirements))


@contextmanager
def compiled_beside() -> Iterator[None]:
    """While the block does something else, what is installed is made byte code.

    pip would do that itself, before it is done: 15,000 files, a minute. What does not compile is no fault: packages carry
    templates and files for other Pythons, and whatever is left out is compiled when it is first imported.
    """
    process = subprocess.Popen(
        [str(places.environment_python()), "-m", "compileall", "-q", str(places.environment() / "lib")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    except BaseException:
        process.terminate()
        raise
    finally:
        process.wait()


def _wanted(requirements: Path) -> str:
    # The environment's own Python, not the one that runs us: the two may differ, and both ask this question.
    made_by = places.environment() / "pyvenv.cfg"
    version = made_by.read_text() if made_by.exists() else ""
    return stamps.fingerprint(places.ROOT, [requirements], version, platform.machine(), sys.platform)


def _works() -> bool:
    """Whether there is an environment that packages can be installed into; one half-made does not count."""
    if not places.environment_python().exists():
        return False
    return subprocess.run([*_pip(), "--version"], capture_output=True).returncode == 0


def _make(target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)  # left behind by an attempt that never had an interpreter
    command = [sys.executable, "-m", "venv", str(target)]
    if importlib.util.find_spec("ensurepip") is None:  # Debian packs it apart; our own pip can serve instead
        if importlib.util.find_spec("pip") is None:
            raise Refusal(
                "This Python can make no virtual environment. "
                "Install its pip or venv package (Debian: apt-get install python3-venv), and start again."
            )
        command.append("--without-pip")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(target, ignore_errors=True)
        raise Refusal(
            f"No virtual environment could be made in {target}: {_reason(done.stdout + done.stderr)}."
        )


def _pip() -> list[str]:
    """The pip of the environment, or ours pointed at it."""
    inside = places.environment() / "lib"
    if any(inside.glob("python3*/site-packages/pip")):
        return [str(places.environment_python()), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(places.environment_python())]


def _install(requirements: Path) -> None:
    """Run pip with the user's own configuration, its output kept in a log inside the environment."""
    command = [
        *_pip(),
        "install",
        "--no-compile",
        "--progress-bar",
        "off",
        "--no-input",
        "-r",
        str(requirements),
    ]
    log = places.environment() / "install.log"
    if pip_progress.run(command, log, places.environment()):
        output = log.read_text(errors="replace")
        say("  " + "\n  ".join(output.splitlines()[-LOG_TAIL:]))
        raise Refusal(
            f"The packages could not be installed: {_reason(output)}. Everything pip said is in {log}."
        )


def _reason(output: str) -> str:
    for pattern, text in REASONS:
        if found := pattern.search(output):
            return text.format(*found.groups())
    return "see above"
