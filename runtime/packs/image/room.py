"""Room: how many pictures a pipeline can paint in one call, by the memory that is free and what one picture takes."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Of the memory that is free: the rest is for decoding, for filters that work meanwhile, and for a guess that is wrong.
SHARE = 0.5
# Tensors as large as the denoiser's first that live at once while it works. Guided painting makes two of each.
LIVE = 64 * 2
# What torch's allocators say when the system gives them nothing.
_ALLOCATORS = ("can't allocate memory", "not enough memory", "bad_alloc")


class Room:
    """What is known of one pipeline's hunger. What once had no room is not tried again."""

    def __init__(self, pipeline: Any, device: str) -> None:
        self._pipeline = pipeline
        self._device = device
        self._most: dict[tuple[int | None, ...], int] = {}

    def fits(self, wanted: int, size: tuple[int | None, ...]) -> int:
        """How many of so many pictures of this size (width and height in pixels) go in one call; at least one."""
        if wanted < 2:
            return 1
        needed = _bytes_for(self._pipeline, size)
        free = free_memory(self._device)
        fitting = int(free * SHARE // needed) if free is not None and needed else wanted
        return max(1, min(wanted, fitting, self._most.get(size, wanted)))

    def lacked(self, tried: int, size: tuple[int | None, ...]) -> None:
        """So many had none."""
        self._most[size] = max(1, min(tried - 1, self._most.get(size, tried)))
        if self._device == "cuda":
            import torch

            torch.cuda.empty_cache()


def lacks_memory(fault: BaseException) -> bool:
    """Whether memory ran out, the machine's or a graphics processor's."""
    if isinstance(fault, MemoryError) or type(fault).__name__ == "OutOfMemoryError":
        return True
    return isinstance(fault, RuntimeError) and any(words in str(fault) for words in _ALLOCATORS)


def is_of_gpu(fault: BaseException) -> bool:
    """Whether it is a graphics processor whose memory ran out."""
    return type(fault).__name__ == "OutOfMemoryError"


def parts(going: Sequence[int], lacking: bool) -> list[list[int]]:
    """How to go on with what failed in one call: in halves when memory ran out, else one by one."""
    size = (len(going) + 1) // 2 if lacking else 1
    return [list(going[start : start + size]) for start in range(0, len(going), size)]


def free_memory(device: str) -> int | None:
    """Bytes; None where the system does not say."""
    if device == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info()
        # What torch keeps of earlier pictures is free as well.
        return int(free) + int(torch.cuda.memory_reserved()) - int(torch.cuda.memory_allocated())
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
        ours = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, StopIteration):
        return None
    named = os.environ.get("SLUICEWAY_CHILD_MEMORY_MB", "")
    bound = (
        int(named) * 1024 * 1024 - ours * os.sysconf("SC_PAGE_SIZE")
        if named.isdecimal() and int(named)
        else None
    )
    return free * 1024 if bound is None else max(0, min(bound, free * 1024))


def _bytes_for(pipeline: Any, size: tuple[int | None, ...]) -> int:
    """What one more picture of this size takes while it is painted, roughly; 0 where it cannot be said."""
    denoiser = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    config = getattr(denoiser, "config", None)
    scale = int(getattr(pipeline, "vae_scale_factor", 8))
    own = getattr(config, "sample_size", None)
    if denoiser is None or not isinstance(own, int):
        return 0
    width, height = (side // scale if side else own for side in size)
    widths = getattr(config, "block_out_channels", None)
    channels = int(widths[0]) if widths else 64
    return width * height * channels * int(denoiser.dtype.itemsize) * LIVE
