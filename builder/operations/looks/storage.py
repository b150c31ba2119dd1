"""What lies in the home: free space, stored bytes that are there and what they say they are, secrets that stay secret."""

import os
import random
import shutil
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from builder.assets.models import Asset
from builder.assets.store import is_on_disk, open_store
from builder.bootstrap import environ
from builder.operations.told import Told, notice, well, wrong
from builder.runs.models import ContentUse
from runtime.errors import OperationalError
from runtime.values import AssetRef
from runtime.words import Words

MEGABYTE = 1024 * 1024
# Without so much a run that makes pictures soon cannot keep them.
LEAST_MB = 300
FEW_MB = 2_000
# Assets whose bytes are read again, and how many MB of them at most.
SAMPLE = 50
SAMPLE_MB = 200
# Others than the owner must not even look.
OTHERS = stat.S_IRWXG | stat.S_IRWXO

_SPACE = Words("{free} MB are free where the data lie.", "数据所在磁盘剩余 {free} MB。")
_FULL = Words("Only {free} MB are free where the data lie.", "数据所在磁盘仅剩 {free} MB。")
_FREE = Words(
    "Free some space: `python3 manage.py retention --dry-run` says what is kept too long, `models remove` takes models away.",
    "请释放空间：`python3 manage.py retention --dry-run` 可列出超期保留的内容，`models remove` 可删除模型。",
)
_UNWRITABLE = Words("Nothing can be written where assets are stored.", "资产存储目录无法写入。")
_OWNER = Words(
    "Give the folder to the user that Sluiceway runs as.", "请将该目录的所有者改为运行 Sluiceway 的用户。"
)
_UNSAID = Words("The asset store cannot be opened: {why}.", "无法打开资产存储：{why}。")
_LOOK_AT_IT = Words(
    "Look at the service, and at SLUICEWAY_S3_URL, the bucket and the key: `runtime/assets/s3.py` names the variables.",
    "请检查该服务以及 SLUICEWAY_S3_URL、存储桶和密钥：变量见 `runtime/assets/s3.py`。",
)
_SOUND = Words("{count} of {all} assets were read again, and are what they were.", "已重新读取 {all} 个资产中的 {count} 个，内容无误。")  # fmt: skip
_BAD = Words(
    "Of {count} assets that were read again, {missing} are missing and {damaged} have changed.",
    "重新读取的 {count} 个资产中，{missing} 个缺失，{damaged} 个已被改动。",
)
_RESTORE = Words(
    "Look at the disk, and restore them from a backup: `python3 manage.py restore`. The first is {name}.",
    "请检查磁盘，并从备份恢复：`python3 manage.py restore`。第一个是 {name}。",
)
_PRIVATE = Words("Secrets can be read by their owner alone.", "密钥文件仅所有者可读。")
_OPEN = Words("Other users of this machine may read {names}.", "本机其他用户可以读取 {names}。")
_CLOSE = Words("Run `chmod -R go= {folder}`, and replace what they may have read.", "请运行 `chmod -R go= {folder}`，并更换可能已泄露的密钥。")  # fmt: skip


def space() -> Told:
    free = shutil.disk_usage(settings.HOME).free // MEGABYTE
    if free < environ.number("SLUICEWAY_SPACE_NEEDED_MB", LEAST_MB):
        return wrong("space", _FULL.fill(free=free), _FREE)
    if free < FEW_MB:
        return notice("space", _FULL.fill(free=free), _FREE)
    return well("space", _SPACE.fill(free=free))


def assets() -> Told:
    """Whether the store can be written, and a sample of what the database names is there, byte for byte."""
    fault = _fault_of_disk() if is_on_disk() else _fault_of_service()
    if fault is not None:
        return fault
    named = sorted(named_contents())
    chosen = random.SystemRandom().sample(named, min(SAMPLE, len(named)))
    return judged(chosen, len(named))


def _fault_of_disk() -> Told | None:
    folder = settings.HOME / "assets"
    existing = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"\0")
    except OSError:
        return wrong("assets", _UNWRITABLE, _OWNER)
    return None


def _fault_of_service() -> Told | None:
    """Asked as deletions ask, which may do the most."""
    try:
        next(iter(open_store().shelf(0)), None)
    except OperationalError as fault:
        return wrong("assets", fault.message, _LOOK_AT_IT)
    except ValueError as fault:  # something is not said in the environment; names of variables alone
        return wrong("assets", _UNSAID.fill(why=str(fault)), _LOOK_AT_IT)
    return None


def judged(chosen: Sequence[str], of: int) -> Told:
    """Read these again, until they are many bytes."""
    missing: list[str] = []
    damaged: list[str] = []
    store, read, count = open_store(), 0, 0
    for name in chosen:
        if read > SAMPLE_MB * MEGABYTE:
            break
        count += 1
        try:
            read += len(store.read(AssetRef(name, "", 0)))
        except OperationalError as fault:
            (missing if fault.code == "asset_missing" else damaged).append(name)
        except OSError:
            damaged.append(name)
    if bad := [*missing, *damaged]:
        fill = {"count": count, "missing": len(missing), "damaged": len(damaged)}
        return wrong("assets", _BAD.fill(**fill), _RESTORE.fill(name=bad[0]))
    return well("assets", _SOUND.fill(count=count, all=of))


def secrets() -> Told:
    folder = settings.HOME / "secrets"
    found = [folder, *sorted(folder.iterdir())] if folder.is_dir() else []
    loose = [path.name for path in found if _is_open(path)]
    if loose:
        return wrong("secrets", _OPEN.fill(names=", ".join(loose)), _CLOSE.fill(folder=folder))
    return well("secrets", _PRIVATE)


def named_contents() -> set[str]:
    """The SHA-256 of everything stored that a row of the database names."""
    kinds = (Asset.objects, ContentUse.objects)
    return {sha256 for rows in kinds for sha256 in rows.order_by().values_list("sha256", flat=True)}


def _is_open(path: Path) -> bool:
    state = path.stat()
    return bool(state.st_mode & OTHERS) or state.st_uid not in {os.getuid(), 0}
