"""The precision in which picture models work: `SLUICEWAY_PRECISION`, or what suits the device."""

from typing import TYPE_CHECKING

from runtime.arithmetic import AUTOMATIC, LIBRARY, NAMES, PRECISION, QUANTISED, quantises, suiting
from runtime.errors import OperationalError
from runtime.words import Words

if TYPE_CHECKING:
    import torch


def precision(device: str) -> str:
    """One of NAMES for `cpu` or `cuda`.

    Raises OperationalError `precision_unknown` when the variable says something else, and `precision_missing` when what it
    says needs a library that is not installed.
    """
    named = suiting(device)
    if named not in NAMES:
        raise OperationalError(
            "precision_unknown",
            Words(
                "{variable} says “{named}”, which is no precision of picture models.",
                "{variable} 的值“{named}”不是图像模型可用的精度。",
            ).fill(variable=PRECISION, named=named[:32]),
            Words("Write {names}.", "请写 {names}。").fill(names=", ".join((AUTOMATIC, *NAMES))),
        )
    if named in QUANTISED and not quantises():
        raise OperationalError(
            "precision_missing",
            Words(
                "{variable} says “{named}”, for which the library {library} is not installed.",
                "{variable} 的值为“{named}”，但未安装所需的库 {library}。",
            ).fill(variable=PRECISION, named=named, library=LIBRARY),
            Words(
                "Run `pip install -r requirements.txt` for the worker, or choose another precision.",
                "请为工作进程运行 `pip install -r requirements.txt`，或选择其他精度。",
            ),
        )
    return named


def dtype_for(device: str) -> "torch.dtype":
    """What is computed with: of quantised weights what suits the device."""
    import torch

    named = precision(device)
    if named in QUANTISED:
        named = suiting(device, {})
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[named]
