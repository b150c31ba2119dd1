"""Arithmetic: whether picture models can compute as this installation was told that they should."""

import os
from collections.abc import Mapping

from builder.operations.told import Told, notice, well, wrong
from runtime.arithmetic import (
    AUTOMATIC,
    COMPILE,
    LIBRARY,
    NAMES,
    PRECISION,
    QUANTISED,
    asks_to_compile,
    compiler,
    device,
    quantises,
    suiting,
)
from runtime.words import Words

_SO = Words("Picture models work in {named}.", "图像模型以 {named} 精度运行。")
_UNKNOWN = Words(
    "{variable} says “{named}”, which is no precision: no picture is painted.",
    "{variable} 的值“{named}”不是可用的精度：无法绘制任何图像。",
)
_WRITE = Words("Write {names}.", "请写 {names}。")
_LACKING = Words(
    "{variable} says “{named}”, and {library} is not installed: no picture is painted.",
    "{variable} 的值为“{named}”，但未安装 {library}：无法绘制任何图像。",
)
_INSTALL = Words(
    "Run `pip install -r requirements.txt` for the workers, or choose another precision.",
    "请为工作进程运行 `pip install -r requirements.txt`，或选择其他精度。",
)
_COMPILED = Words(
    "Picture models are compiled by {name}; the first picture of each size waits for that. What cannot be compiled is computed "
    "as it is, and the worker's log says so.",
    "图像模型由 {name} 编译；每种尺寸的第一张图像需为此等待。无法编译的部分按原样计算，工作进程的日志会说明。",
)
_UNCOMPILED = Words(
    "{variable} is 1, and there is no C++ compiler here: picture models are not compiled, and work as they did.",
    "{variable} 为 1，但此处没有 C++ 编译器：图像模型不会编译，仍照常运行。",
)
_GET_ONE = Words(
    "Install g++ or clang++, or name one by CXX, where the workers run.",
    "请在运行工作进程的机器上安装 g++ 或 clang++，或以 CXX 指定。",
)


def arithmetic(environment: Mapping[str, str] = os.environ) -> list[Told]:
    """As far as this machine's environment tells: workers elsewhere have one of their own."""
    told = [_precision(environment)]
    if asks_to_compile(environment):
        found = compiler(environment)
        told.append(
            well("compile", _COMPILED.fill(name=found))
            if found
            else notice("compile", _UNCOMPILED.fill(variable=COMPILE), _GET_ONE)
        )
    return told


def _precision(environment: Mapping[str, str]) -> Told:
    named = suiting(device(environment), environment)
    if named not in NAMES:
        message = _UNKNOWN.fill(variable=PRECISION, named=named[:32])
        return wrong("precision", message, _WRITE.fill(names=", ".join((AUTOMATIC, *NAMES))))
    if named in QUANTISED and not quantises():
        return wrong("precision", _LACKING.fill(variable=PRECISION, named=named, library=LIBRARY), _INSTALL)
    return well("precision", _SO.fill(named=named))
