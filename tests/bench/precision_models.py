"""precision_models: what a precision costs and gains, measured inside one process.

`python -m tests.bench.precision_models [SHAPE ...]` prints JSON, a line for each shape and precision: megabytes of weights, seconds a step (of the
processor; of the clock on a GPU, where also the most memory that was taken is told), seconds of the first picture, and how far the picture is
from that of the first precision (shades of 255). `SLUICEWAY_COMPILE=1` measures compiled ones. Shapes as in `batch_models`, on a processor smaller and with fewer steps; random
weights have no picture, and theirs says only how much rounding there is. `starter` paints forty prompts, and the judge of the starter's tests says of how many fp32's picture is
the nearest of the forty.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from runtime.arithmetic import NAMES, PRECISION
from runtime.models.precision import dtype_for
from runtime.packs.image.diffusion import Order, Painter, load
from runtime.packs.image.quantise import quantise
from tests.bench.batch_models import SETTINGS, STARTER
from tests.bench.random_models import random_pipeline
from tests.models.starter.judge import Judge

ON_GPU = torch.cuda.is_available()
# Of what has no picture, on a processor: enough to tell a step's time, the first left out.
STEPS, SIDE = 2, 256
THINGS = [
    "lion",
    "strawberry",
    "pizza",
    "apple",
    "dog",
    "cat",
    "house",
    "car",
    "tree",
    "sun",
    "fish",
    "bird",
    "rocket",
    "guitar",
    "flower",
    "umbrella",
    "banana",
    "snowman",
    "clock",
    "book",
    "key",
    "bell",
    "bicycle",
    "bee",
    "bus",
    "cactus",
    "camera",
    "candle",
    "carrot",
    "castle",
    "cherry",
    "cloud",
    "crab",
    "crown",
    "diamond",
    "drum",
    "duck",
    "elephant",
    "fire",
    "frog",
]


def painter(shape: str, named: str) -> Painter:
    os.environ[PRECISION] = named
    if shape == "starter":
        return load(STARTER)
    device = "cuda" if ON_GPU else "cpu"
    pipeline = random_pipeline(shape, dtype_for(device))
    quantise(pipeline, device)
    return Painter(pipeline, device)


def measure(shape: str, named: str) -> tuple[dict[str, Any], list[Any]]:
    made = painter(shape, named)
    if ON_GPU:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()  # loading takes more for a moment, here by how random weights are made
    steps, guidance, side = SETTINGS[shape]
    if shape != "starter" and not ON_GPU:
        steps, side = STEPS, min(side or SIDE, SIDE)
    words = [f"a {thing}" for thing in THINGS] if shape == "starter" else ["a lion"]
    orders = [Order(word, "", steps, guidance, 1, side, side) for word in words]
    began = now()
    # Nothing that only a first picture costs is counted in a step.
    made.paint(orders[0], lambda done, preview: None)
    first = now() - began
    seen: list[float] = []
    pictures = []
    for order in orders:
        at = [now()]
        painted = made.paint(order, lambda done, preview, at=at: at.append(now()))
        seen += np.diff(at).tolist()[1:]
        pictures.append(np.asarray(painted).astype(int))
    figures = {
        "megabytes": made.weighs / 1e6,
        "first_picture": first,
        "seconds_a_step": float(np.median(seen)),
    }
    if ON_GPU:
        figures["most_megabytes"] = torch.cuda.max_memory_allocated() / 1e6
    return figures, pictures


def now() -> float:
    if not ON_GPU:
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def nearest(judge: Judge, pictures: list[Any], whole: list[Any]) -> int:
    features = [
        torch.tensor(np.stack(each)).permute(0, 3, 1, 2).float() / 127.5 - 1 for each in (pictures, whole)
    ]
    ranks = judge.ranks(features[0], judge.features(features[1]))[:, 0]
    return int((ranks == torch.arange(len(pictures))).sum())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shapes", nargs="*", default=["starter", "tiny"], choices=sorted(SETTINGS))
    parser.add_argument(
        "--judge", type=Path, default=Path("var/starter"), help="the folder of the judge's wheel"
    )
    parser.add_argument(
        "--precisions",
        nargs="*",
        default=NAMES,
        choices=NAMES,
        help="the others are told apart from the first",
    )
    given = parser.parse_args()
    torch.set_num_threads(1)
    for shape in given.shapes:
        whole: list[Any] = []
        for named in given.precisions:
            if named == "fp16" and not ON_GPU:
                continue  # a processor takes minutes for what is measured in seconds
            figures, pictures = measure(shape, named)
            whole = whole or pictures
            apart = np.abs(np.stack(pictures) - np.stack(whole))
            figures |= {"largest": int(apart.max()), "mean": float(apart.mean())}
            if shape == "starter":
                figures["nearest"] = nearest(Judge(given.judge), pictures, whole)
            print(json.dumps({"shape": shape, "precision": named, **figures}), flush=True)


if __name__ == "__main__":
    main()
