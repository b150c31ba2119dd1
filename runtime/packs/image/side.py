"""Side: models that paint squares of one size. What they are given is put into such a square, and taken out again."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from runtime.errors import UserError
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

    from runtime.packs.image.diffusion import Order

# Beside a pipeline's own files: {"only_side": pixels, "longest_prompt": tokens}. diffusers leaves it alone.
SIZES = "sizes.json"


def only_side(folder: Path) -> int | None:
    """The side in pixels of the only pictures that the model in `folder` paints; None where it takes any size."""
    try:
        said = json.loads((folder / SIZES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    side = said.get("only_side") if isinstance(said, dict) else None
    if not isinstance(side, int) or side <= 0:
        raise ValueError(f"{SIZES} must name only_side, in pixels")
    return side


@dataclass(frozen=True, slots=True)
class Square:
    """Where a picture stands in the square that is painted: (left, top, right, bottom) in its pixels."""

    box: tuple[int, int, int, int]

    @classmethod
    def around(cls, order: "Order", side: int) -> tuple["Order", Self]:
        """The order for a model that paints `side` x `side` alone. Raises UserError `size_not_painted`.

        A picture is made to fit and stands in the middle; round it is white, and a mask keeps that as it is.
        """
        from PIL import Image

        if order.picture is None:
            if {order.width or side, order.height or side} != {side}:
                raise _not_painted(side)
            return order, cls((0, 0, side, side))
        scale = side / max(order.picture.size)
        width, height = (max(1, round(length * scale)) for length in order.picture.size)
        left, top = (side - width) // 2, (side - height) // 2
        picture = Image.new("RGB", (side, side), "white")
        picture.paste(order.picture.resize((width, height)), (left, top))
        mask = None
        if order.mask is not None:
            mask = Image.new("L", (side, side), 0)
            mask.paste(order.mask.resize((width, height)), (left, top))
        box = (left, top, left + width, top + height)
        return replace(order, picture=picture, mask=mask, width=None, height=None), cls(box)

    def out_of(self, painted: "Image") -> "Image":
        return painted.crop(self.box)


def _not_painted(side: int) -> UserError:
    return UserError(
        "size_not_painted",
        Words("This model paints {side} × {side} pixels and no other size.", "该模型只绘制 {side} × {side} 像素的图像。").fill(
            side=side
        ),
        Words(
            "Leave width and height empty, and put Upscale image behind it.",
            "请将宽度和高度留空，并在其后接“放大图像”。",
        ),
    )  # fmt: skip
