"""Packages: asks the installed pip where a wheel is, so that its configuration decides and we name no host."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from runtime.models.catalog import PackageSource
from runtime.models.fetch import Refused, Transport, Unreachable

SECONDS = 120
NO_NETWORK = re.compile(
    r"NewConnectionError|Name or service not known|Temporary failure in name res|Network is unreachable|"
    r"ConnectTimeout|ReadTimeout|ProxyError|Connection refused|nodename nor servname|Connection broken",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Located:
    """A wheel's address, and its SHA-256 as the index gives it (None when it gives none)."""

    url: str
    sha256: str | None


def locate(source: PackageSource, scratch: Path) -> Located:
    """Where the index that pip is configured for keeps the wheel.

    pip resolves it without installing. Raises Unreachable when the index does not answer, and Refused (404)
    when it has no such wheel.
    """
    report = scratch / "report.json"
    _pip(
        "install", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:",
        "--target", str(scratch / "nowhere"), "--report", str(report), *_tags(source),
        f"{source.package}=={source.version}",
    )  # fmt: skip
    download = json.loads(report.read_text(encoding="utf-8"))["install"][0]["download_info"]
    hashes = download.get("archive_info", {}).get("hashes", {})
    return Located(download["url"], hashes.get("sha256"))


def download(source: PackageSource, folder: Path) -> Path:
    """Let pip itself bring the wheel into `folder`: for an index whose password only pip knows."""
    _pip(
        "download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), *_tags(source),
        f"{source.package}=={source.version}",
        seconds=None,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def transport() -> Transport:
    """How pip is configured to connect (its files and its PIP_* variables)."""
    listed = _pip("config", "list")
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        # pip lists variables first, and its files after: the variables are what counts.
        if value and (key.startswith(":env:") or name not in found):
            found[name] = str(ast.literal_eval(value))
    return Transport(
        certificates=found.get("cert"),
        client_certificate=found.get("client-cert"),
        proxy=found.get("proxy"),
        trusted_hosts=frozenset(found.get("trusted-host", "").split()),
    )


def _tags(source: PackageSource) -> list[str]:
    if source.tags is None:
        return []
    tags = source.tags
    return [
        "--python-version", tags.python, "--implementation", tags.implementation,
        "--abi", tags.abi, "--platform", tags.platform,
    ]  # fmt: skip


def _pip(*arguments: str, seconds: float | None = SECONDS) -> str:
    # An environment made without pip borrows that of the Python it was made from.
    python = (
        sys.executable
        if importlib.util.find_spec("pip")
        else getattr(sys, "_base_executable", sys.executable)
    )
    command = [python, "-m", "pip", "--no-input", "--disable-pip-version-check", "--quiet", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Unreachable("the package index did not answer") from None
    if done.returncode:
        if NO_NETWORK.search(done.stderr):
            raise Unreachable("the package index cannot be reached")
        if "No matching distribution" in done.stderr:
            raise Refused(404)
        last = done.stderr.strip().splitlines()[-1:] or ["pip failed without a word"]
        raise Unreachable(last[0])
    return done.stdout
