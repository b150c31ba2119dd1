"""Enlarges pictures with Real-ESRGAN weights in ncnn, on the processor, tile by tile."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.errors import OperationalError
from runtime.models.threads import threads
from runtime.words import Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

# Pixels of a tile's side: a hundred megabytes of working memory, and half a second between two looks at cancel.
TILE = 128
# Pixels around a tile that the network also sees; its layers reach this far, so that no seam shows.
MARGIN = 20


class Upscaler:
    """The weights, with one network for each scale that was asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._networks: dict[int, Any] = {}

    def enlarge(self, picture: "Image", scale: int, on_tile: Callable[[int, int], None]) -> "Image":
        """An RGB picture `scale` times as large. `on_tile` hears (tiles done, tiles in all) and may raise."""
        import numpy as np
        from PIL import Image

        network = self._network(scale)
        pixels = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1) / np.float32(255)
        height, width = pixels.shape[1:]
        result = np.empty((height * scale, width * scale, 3), dtype=np.uint8)
        tiles = list(_tiles(width, height))
        for done, (left, top, right, bottom) in enumerate(tiles):
            on_tile(done, len(tiles))
            tile = _enlarge_tile(network, _with_margin(pixels, left, top, right, bottom), scale)
            result[top * scale : bottom * scale, left * scale : right * scale] = tile
        on_tile(len(tiles), len(tiles))
        return Image.fromarray(result)

    def _network(self, scale: int) -> Any:
        if scale not in self._networks:
            import ncnn

            network = ncnn.Net()
            network.opt.use_vulkan_compute = False
            network.opt.num_threads = threads()
            shape, weights = self._folder / f"x{scale}.param", self._folder / "weights.bin"
            if network.load_param(str(shape)) or network.load_model(str(weights)):
                raise OperationalError(
                    "model_unreadable", Words("The upscaling model cannot be loaded.", "无法加载放大模型。")
                )
            self._networks[scale] = network
        return self._networks[scale]


def load(folder: Path) -> Upscaler:
    return Upscaler(folder)


def _tiles(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            yield left, top, min(left + TILE, width), min(top + TILE, height)


def _with_margin(
    pixels: "NDArray[np.float32]", left: int, top: int, right: int, bottom: int
) -> "NDArray[np.float32]":
    """The tile and MARGIN pixels around it; beyond the picture its edge is repeated."""
    import numpy as np

    rows = np.clip(np.arange(top - MARGIN, bottom + MARGIN), 0, pixels.shape[1] - 1)
    columns = np.clip(np.arange(left - MARGIN, right + MARGIN), 0, pixels.shape[2] - 1)
    return np.ascontiguousarray(pixels[:, rows[:, None], columns[None, :]])


def _enlarge_tile(network: Any, tile: "NDArray[np.float32]", scale: int) -> "NDArray[np.uint8]":
    import ncnn
    import numpy as np

    extractor = network.create_extractor()
    extractor.input("data", ncnn.Mat(tile))
    failed, out = extractor.extract("output")
    enlarged = np.array(out)
    if failed or not np.isfinite(enlarged).all():
        raise OperationalError(
            "model_failed", Words("The upscaling model failed.", "放大模型运行失败。"), retryable=True
        )
    cut = MARGIN * scale
    inner = enlarged[:, cut:-cut, cut:-cut].transpose(1, 2, 0)
    tile_out: NDArray[np.uint8] = (np.clip(inner, 0, 1) * 255).round().astype(np.uint8)
    return tile_out
