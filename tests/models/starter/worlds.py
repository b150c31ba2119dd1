"""A world small enough to learn in seconds: three drawn things in two styles."""

import torch

from runtime.models.starter.captions import Subject
from runtime.models.starter.data import ICON, World


def small_world() -> World:
    names = [("red disc", "红圆"), ("green bar", "绿条"), ("blue frame", "蓝框")]
    subjects = tuple(
        Subject(en, "Objects", {"en": (en,), "zh": (zh,)}, {"en": tuple(en.split()), "zh": (zh,)})
        for en, zh in names
    )
    rows, columns = torch.meshgrid(torch.arange(ICON), torch.arange(ICON), indexing="ij")
    middle = (ICON - 1) / 2
    shapes = [
        (rows - middle) ** 2 + (columns - middle) ** 2 < 400,
        (rows - middle).abs() < 9,
        torch.maximum((rows - middle).abs(), (columns - middle).abs()) > 20,
    ]
    icons = torch.zeros(len(names), 2, 4, ICON, ICON, dtype=torch.uint8)
    for number, shape in enumerate(shapes):
        for style, strength in enumerate((220, 140)):
            icons[number, style, number] = shape * strength
            icons[number, style, 3] = shape * 255
    return World(subjects, icons, "small")
