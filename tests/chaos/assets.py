"""An asset store in which a writer may die half-way, or find the disk full."""

import errno
import os
import tempfile
from pathlib import Path

from runtime.assets.disk import DiskStore
from runtime.assets.store import DRAFT
from tests.chaos import points


class ChaosAssets(DiskStore):
    """The store on the disk, cut short where it was asked for."""

    def _place(self, content: bytes, target: Path) -> None:
        full = points.is_full()
        if full or points.is_asked(points.ASSET):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(dir=target.parent, prefix=DRAFT)
            os.write(handle, content[: len(content) // 2])
            points.reach(points.ASSET)
            os.close(handle)
            Path(draft).unlink()
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super()._place(content, target)


def open_store() -> ChaosAssets:
    """Opened by a child, and by it alone, when it is about to take its first order."""
    points.note(points.READY, str(os.getpid()))
    return ChaosAssets(Path(os.environ["SLUICEWAY_HOME"]) / "assets")
