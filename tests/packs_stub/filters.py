"""The stub filters: two that work, one for pictures, and one for each way in which a filter can go wrong."""

import os
import re
import time
from collections.abc import Callable, Iterable

from runtime.ports import Kind
from runtime.safety.filters import Category, Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
from runtime.words import Words

FORBIDDEN = re.compile(r"forbidden|禁语", re.IGNORECASE)
SECRET = re.compile(r"key-\d{4,20}")


def declare(name: str, check: Callable[[Data, FilterServices], Iterable[Match]], *media: Kind) -> Filter:
    title = Words(name, name)
    category = Category("stub", Words("stub things", "测试类别"))
    spec = FilterSpec(
        f"stub.{name}",
        1,
        title,
        media or (Kind.TEXT, Kind.JSON),
        (category,),
        ("en", "zh"),
        "Apache-2.0",
        title,
    )
    return Filter(spec, check)


def find(pattern: "re.Pattern[str]", score: float = 1.0) -> Callable[[Data, FilterServices], Iterable[Match]]:
    def check(data: Data, services: FilterServices) -> Iterable[Match]:
        assert isinstance(data, str)
        return [Match("stub", score, *found.span()) for found in pattern.finditer(data)]

    return check


def red(data: Data, services: FilterServices) -> Iterable[Match]:
    """Recognises a red picture."""
    import io

    from PIL import Image

    pixel = Image.open(io.BytesIO(services.assets.read(data))).convert("RGB").getpixel((0, 0))
    return [Match("stub", 0.9)] if pixel[0] > 200 and pixel[1] < 50 else []


def heard(data: Data, services: FilterServices) -> Iterable[Match]:
    """Recognises a sound whose samples spell what is forbidden."""
    return [Match("stub", 1.0)] if b"FORBIDDEN" in services.assets.read(data) else []


def raises(data: Data, services: FilterServices) -> Iterable[Match]:
    raise RuntimeError(f"the filter quotes {data!r}")


def exits(data: Data, services: FilterServices) -> Iterable[Match]:
    raise SystemExit(0)


def no_memory(data: Data, services: FilterServices) -> Iterable[Match]:
    raise MemoryError


def hangs(data: Data, services: FilterServices) -> Iterable[Match]:
    time.sleep(600)
    return []


def dies(data: Data, services: FilterServices) -> Iterable[Match]:
    """Takes its whole process along, as a crash in native code does."""
    os._exit(1)


def yields_then_raises(data: Data, services: FilterServices) -> Iterable[Match]:
    yield Match("stub", 0.1)
    raise RuntimeError("late")


EVERYTHING = (Kind.TEXT, Kind.JSON, Kind.IMAGE, Kind.AUDIO)
FILTERS = (
    declare("words", find(FORBIDDEN)),
    declare("secrets", find(SECRET)),
    declare("weak", find(FORBIDDEN, 0.2)),
    declare("red", red, Kind.IMAGE),
    declare("heard", heard, Kind.AUDIO),
    declare("raises", raises, *EVERYTHING),
    declare("no_memory", no_memory, *EVERYTHING),
    declare("exits", exits),
    declare("hangs", hangs, *EVERYTHING),
    declare("dies", dies),
    declare("late", yields_then_raises),
    declare("nan", lambda data, services: [Match("stub", float("nan"))]),
    declare("infinite", lambda data, services: [Match("stub", float("inf"))]),
    declare("negative", lambda data, services: [Match("stub", -0.1)]),
    declare("bad_span", lambda data, services: [Match("stub", 0.1, 0, 10_000_000)]),
    declare("half_span", lambda data, services: [Match("stub", 0.1, 3, None)]),
    declare("open_inside", lambda data, services: [Match("stub", 0.1, 0, 1, open=True)]),
    declare("open_nowhere", lambda data, services: [Match("stub", 0.1, open=True)]),
    declare("nothing", lambda data, services: None),
    declare("strings", lambda data, services: ["no match"]),
    declare("stranger", lambda data, services: [Match("unheard_of", 0.1)], *EVERYTHING),
)
