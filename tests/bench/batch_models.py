"""batch_models: what it brings to paint for several people in one call, measured inside one process.

`python -m tests.bench.batch_models [SHAPE ...]` prints JSON, a line for each shape. It needs torch, diffusers, transformers, numpy and Pillow, and of
this project only `runtime`: no Django, no services. Shapes: `starter` (the shipped model), and with random weights,
made here from their configurations, `tiny`, `sd15` and `sdxl`. Without any named: the large ones where there is a graphics
processor, else the small ones. Speed does not depend on the values of weights.

For each shape and number of people, each of whom orders one picture: with batching on, with batching off (one after another,
as a queue would), and by the bare library (one call for each, nothing of ours around it).
"""

import argparse
import json
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from runtime.errors import OperationalError
from runtime.models.at_once import at_once
from runtime.models.batching import Meeting
from runtime.packs.image.diffusion import Order, Painter, load, options
from tests.bench.random_models import random_pipeline

STARTER = Path(__file__).resolve().parents[2] / "runtime" / "models" / "weights" / "starter"
PEOPLE = (1, 2, 4, 8, 16)
FEW = 4
PROMPTS = ("a lion", "a strawberry", "pizza on blue", "a red apple")
# steps, guidance, pixels a side: what the product's node offers for such a model.
SETTINGS = {"starter": (8, 1.5, None), "tiny": (8, 5.0, 64), "sd15": (20, 7.0, 512), "sdxl": (20, 6.0, 1_024)}


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds and ratios of one number of people; ratios are to the bare library's one call for each."""

    people: int
    bare_seconds: float
    off_seconds: float
    on_seconds: float
    throughput_off: float
    throughput_on: float
    # Until the picture of the one who waits longest, and of the median one, is there: batched over not batched.
    latency_last: float
    latency_median: float
    calls: list[int]
    gigabytes: float | None


def measure(shape: str, people: Sequence[int], until: float, rounds: int, most: int) -> dict[str, Any]:
    """One shape's figures; no further row is begun after `until` (on the monotonic clock). `most` go into one call."""
    painter = painter_of(shape)
    steps, guidance, side = SETTINGS[shape]
    orders = [
        Order(PROMPTS[n % len(PROMPTS)], "", steps, guidance, n + 1, width=side, height=side)
        for n in range(max(people))
    ]
    report: dict[str, Any] = {"shape": shape, "steps": steps, "side": side, "device": painter.device}
    bare(painter, orders[:1])  # whatever is made at the first call only
    # The product's child has one meeting for as long as it lives, and one thread that makes all batches.
    one_by_one, meeting = Meeting(1), Meeting(most)
    for each in (one_by_one, meeting):
        together(painter, orders[:1], each)
    report["single"] = single(painter, orders[0], rounds, meeting)
    report["away"] = away(painter, orders[: min(4, len(orders))])
    rows = []
    for count in people:
        if time.monotonic() > until:
            report["cut_short"] = True
            break
        rows.append(asdict(row(painter, orders[:count], one_by_one, meeting)))
    return {**report, "rows": rows}


def row(painter: Painter, orders: Sequence[Order], one_by_one: Meeting, meeting: Meeting) -> Row:
    # A processor is seldom ours alone, so there the best of some rounds counts, taken in turn.
    rounds = 1 if painter.device == "cuda" else 3 if len(orders) <= FEW else 2
    bares, offs, ons = [], [], []
    peak = None
    for _ in range(rounds):
        bares.append(timed(lambda: bare(painter, orders))[0])
        offs.append(timed(lambda: together(painter, orders, one_by_one)))
        if painter.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        ons.append(timed(lambda: together(painter, orders, meeting)))
        if painter.device == "cuda":
            peak = torch.cuda.max_memory_allocated() / 2**30
    bare_seconds = min(bares)
    off_seconds, (off, _) = min(offs, key=lambda one: one[0])
    on_seconds, (on, calls) = min(ons, key=lambda one: one[0])
    return Row(
        len(orders),
        round(bare_seconds, 3),
        round(off_seconds, 3),
        round(on_seconds, 3),
        round(bare_seconds / off_seconds, 3),
        round(bare_seconds / on_seconds, 3),
        round(max(on) / max(off), 3),
        round(statistics.median(on) / statistics.median(off), 3),
        calls,
        None if peak is None else round(peak, 2),
    )


def single(painter: Painter, order: Order, rounds: int, meeting: Meeting) -> dict[str, float]:
    """One picture by itself, ours over the bare library's, in turn: the best of each, and the median pair.

    On a processor in seconds of the processor, since others use it too; waiting costs none, and there is nothing to wait for.
    """
    clock = time.perf_counter if painter.device == "cuda" else time.process_time
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(timed(lambda: bare(painter, [order]), clock)[0])
        ours.append(timed(lambda: together(painter, [order], meeting), clock)[0])
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return {
        "bare_seconds": round(min(theirs), 4),
        "ours_seconds": round(min(ours), 4),
        "ratio": round(min(ours) / min(theirs), 4),
        "median_ratio": round(statistics.median(ratios), 4),
    }


def away(painter: Painter, orders: Sequence[Order]) -> dict[str, float]:
    """How far pictures painted together are from the same painted alone, of 255 shades."""
    alone = [painter.paint_each([order], [ignore])[0] for order in orders]
    joined = painter.paint_each(orders, [ignore] * len(orders))
    if any(isinstance(made, BaseException) for made in (*alone, *joined)):
        return {"pictures": 0}
    difference = np.abs(
        np.stack([np.asarray(made, dtype=float) for made in joined])
        - np.stack([np.asarray(made, dtype=float) for made in alone])
    )
    return {
        "pictures": len(orders),
        "largest": float(difference.max()),
        "mean": round(float(difference.mean()), 5),
        "shades_that_differ": round(float((difference > 0).mean()), 5),
    }


def bare(painter: Painter, orders: Sequence[Order]) -> None:
    """The library itself: one call for each picture, without previews or questions whether to stop."""
    pipeline = painter._pipeline
    with torch.inference_mode():
        for order in orders:
            pipeline(**{**options([order], pipeline), "output_type": "pil"})


def together(painter: Painter, orders: Sequence[Order], meeting: Meeting) -> tuple[list[float], list[int]]:
    """Everybody orders at once, each from a thread of their own: seconds until each has the picture, and sizes of calls."""
    calls: list[int] = []
    waited = [0.0] * len(orders)
    places = [meeting.enter("people") for _ in orders]
    began = time.perf_counter()

    def make(given: Sequence[Order], hears: Sequence[Callable[[Any], None]]) -> list[Any]:
        calls.append(len(given))
        made = painter.paint_each(given, [on_step(hear) for hear in hears])
        # Random weights in half precision may come to no picture; how long that took counts all the same.
        return [item.code if isinstance(item, OperationalError) else item for item in made]

    def order_one(number: int) -> None:
        place = places[number]
        try:
            with meeting.turn(nothing):
                place.join(orders[number].alike, orders[number], make, ignore_word, nothing)
            waited[number] = time.perf_counter() - began
        finally:
            meeting.leave(place)

    threads = [threading.Thread(target=order_one, args=(number,)) for number in range(len(orders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not all(waited):
        raise RuntimeError("somebody got no picture")
    return waited, calls


def on_step(hear: Callable[[Any], None]) -> Callable[[int, bytes | None], None]:
    return lambda done, preview: hear((done, preview))


def ignore(done: int, preview: bytes | None) -> None:
    pass


def ignore_word(word: object) -> None:
    pass


def nothing() -> None:
    pass


def timed(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> tuple[float, Any]:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    began = clock()
    given = work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return clock() - began, given


def painter_of(shape: str) -> Painter:
    if shape == "starter":
        return load(STARTER)
    on_gpu = torch.cuda.is_available()
    pipeline = random_pipeline(shape, torch.float16 if on_gpu else torch.float32)
    return Painter(pipeline, "cuda" if on_gpu else "cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("shapes", nargs="*", choices=[*SETTINGS, []], help="what to paint with")
    parser.add_argument("--people", type=int, nargs="*", default=PEOPLE)
    parser.add_argument("--most", type=int, default=at_once(), help="pictures in one call")
    parser.add_argument("--rounds", type=int, default=5, help="of the single request")
    parser.add_argument("--seconds", type=float, default=420, help="no further row is begun after so many")
    asked = parser.parse_args()
    on_gpu = torch.cuda.is_available()
    shapes = asked.shapes or (["starter", "sd15", "sdxl"] if on_gpu else ["starter", "tiny"])
    began = time.monotonic()
    machine = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "versions": {name: version(name) for name in ("torch", "diffusers", "transformers", "numpy")},
    }
    print(json.dumps(machine), flush=True)
    for place, shape in enumerate(shapes, start=1):
        until = began + asked.seconds * place / len(shapes)
        print(json.dumps(measure(shape, asked.people, until, asked.rounds, asked.most)), flush=True)


if __name__ == "__main__":
    main()
