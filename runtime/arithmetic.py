"""Arithmetic: how a worker's models compute. Precision and device decide the last bits of what they make.

Read by workers and by the doctor, so nothing heavy is imported here.
"""

import os
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import NamedTuple

PRECISION = "SLUICEWAY_PRECISION"
COMPILE = "SLUICEWAY_COMPILE"
AUTOMATIC = "auto"
WHOLE = ("fp32", "bf16", "fp16")
# Weights in so many bits; what is computed with them stays in what suits the device.
QUANTISED = ("int8", "int4")
NAMES = (*WHOLE, *QUANTISED)
LIBRARY = "torchao"
GPU = Path("/dev/nvidia0")
DXG = Path("/dev/dxg")


class Arithmetic(NamedTuple):
    """How models compute: `device` counts for every model, `pictures` (precision, and whether compiled) for what paints."""

    device: str = ""
    pictures: str = ""

    def of(self, capability: str | None) -> tuple[str, ...]:
        """What of it decides what a model of this capability makes."""
        return self if capability == "image" else (self.device,)


# Of a worker that did not say.
UNTOLD = Arithmetic()


def here(environment: Mapping[str, str] = os.environ) -> Arithmetic:
    """That of this machine. A word that is no precision stands for itself: nothing is made with it."""
    where = device(environment)
    pictures = suiting(where, environment)
    return Arithmetic(where, f"{pictures} compiled" if compiles(environment) else pictures)


def suiting(device: str, environment: Mapping[str, str] = os.environ) -> str:
    """What is named, else what suits the device."""
    named = environment.get(PRECISION) or AUTOMATIC
    if named != AUTOMATIC:
        return named
    # Half the memory and several times the speed on a graphics processor; a processor is slower with it.
    return "fp16" if device == "cuda" else "fp32"


def has_gpu() -> bool:
    """Whether the system shows a card: any that NVIDIA's driver has, also through Windows."""
    return any(GPU.parent.glob("nvidia[0-9]*")) or DXG.exists()


def device(environment: Mapping[str, str] = os.environ) -> str:
    """What the heavy steps run on here, as far as can be told without loading the library that knows."""
    hidden = environment.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1")
    return "cuda" if has_gpu() and not hidden and not _built_without() else "cpu"


def _built_without() -> bool:
    """Whether torch, as it is installed, computes on processors alone."""
    try:
        return version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False


def quantises() -> bool:
    """Whether the library that makes weights smaller is installed."""
    try:
        return find_spec(LIBRARY) is not None
    except (ModuleNotFoundError, ValueError):  # something stands in its way
        return False


def asks_to_compile(environment: Mapping[str, str] = os.environ) -> bool:
    return environment.get(COMPILE, "") == "1"


def compiles(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether picture models are to be compiled, and can be here."""
    return asks_to_compile(environment) and compiler(environment) is not None


def compiler(environment: Mapping[str, str] = os.environ) -> str | None:
    """The C++ compiler that compiling a model needs, on any device; None where there is none."""
    path = environment.get("PATH")
    named = environment.get("CXX")
    return next(
        (found for name in (named, "g++", "clang++") if name and (found := which(name, path=path))), None
    )
