"""The precision in which picture models work: `SLUICEWAY_PRECISION`, or what suits the device."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

VARIABLE = "SLUICEWAY_PRECISION"
AUTOMATIC = "auto"
NAMES = ("fp32", "bf16", "fp16")


def precision(device: str) -> str:
    """One of NAMES for `cpu` or `cuda`. ValueError when the variable says something else."""
    named = os.environ.get(VARIABLE) or AUTOMATIC
    if named == AUTOMATIC:
        # Half the memory and several times the speed on a graphics processor; a processor is slower with it.
        return "fp16" if device == "cuda" else "fp32"
    if named not in NAMES:
        raise ValueError(f"{VARIABLE} is {named!r}; write {AUTOMATIC}, {', '.join(NAMES)}.")
    return named


def dtype_for(device: str) -> "torch.dtype":
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision(device)]
