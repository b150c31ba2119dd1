"""Pictures painted in one call are those that are painted alone, whatever becomes of their neighbours."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from runtime.errors import Cancelled, UserError
from runtime.packs.image import diffusion
from runtime.packs.image.diffusion import Order, Painter, load
from tests.models.cache import real_models
from tests.packs.pipelines import save_stable_diffusion, save_stable_diffusion_xl

PROMPTS = ("a red circle", "a blue cat on a boat", "x", "a strawberry")
# Of 255 shades: another number of pictures in one multiplication rounds in another way.
MOST, MEAN = 1, 0.01


def orders(steps: int = 4, **more: object) -> list[Order]:
    return [
        replace(Order(prompt, "", steps, 3.0, seed), **more) for seed, prompt in enumerate(PROMPTS, start=5)
    ]


def watched(seen: list[int], leaves_at: int = 0) -> Callable[[int, bytes | None], None]:
    def on_step(done: int, preview: bytes | None) -> None:
        seen.append(done)
        if done == leaves_at:
            raise Cancelled

    return on_step


def ignore(done: int, preview: bytes | None) -> None:
    pass


def pixels(painted: "Image.Image | BaseException") -> np.ndarray:
    assert isinstance(painted, Image.Image), painted
    return np.asarray(painted, dtype=float)


def differences(painter: Painter, wanted: Sequence[Order]) -> tuple[float, float]:
    """The largest and the mean difference of pictures painted together from the same painted alone."""
    alone = [pixels(painter.paint(order, ignore)) for order in wanted]
    together = [pixels(made) for made in painter.paint_each(wanted, [ignore] * len(wanted))]
    away = np.abs(np.stack(together) - np.stack(alone))
    return float(away.max()), float(away.mean())


@pytest.fixture(scope="module", params=[save_stable_diffusion, save_stable_diffusion_xl])
def painter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Painter:
    return load(request.param(tmp_path_factory.mktemp("made") / "model"))


@pytest.mark.parametrize("negative", ["", "blue"])
def test_together_they_are_what_they_are_alone(painter: Painter, negative: str) -> None:
    most, mean = differences(painter, orders(negative=negative))
    assert most <= MOST and mean <= MEAN


def test_the_starter_paints_the_same_together() -> None:
    painter = load(real_models("starter").home_of("starter"))
    wanted = [replace(order, prompt=name, guidance=1.5) for order, name in zip(orders(8), ("a lion", "pizza", "a strawberry", "a cat"), strict=True)]  # fmt: skip
    most, mean = differences(painter, wanted)
    assert most <= MOST and mean <= MEAN


def test_what_one_avoids_is_not_what_all_avoid(painter: Painter) -> None:
    first, *others = orders()
    assert replace(first, negative="blue").alike != others[0].alike
    mixed = [replace(first, negative="blue"), replace(first, negative="a tree")]
    made = [pixels(item) for item in painter.paint_each(mixed, [ignore, ignore])]
    assert (np.abs(made[0] - made[1]) > MOST).any()


def test_who_leaves_takes_nobody_along(painter: Painter) -> None:
    seen: list[list[int]] = [[], [], []]
    wanted = orders()[:3]
    made = painter.paint_each(wanted, [watched(seen[0]), watched(seen[1], leaves_at=2), watched(seen[2])])
    assert seen == [[1, 2, 3, 4], [1, 2], [1, 2, 3, 4]]
    assert isinstance(made[1], Cancelled)
    for place in (0, 2):
        alone = pixels(painter.paint(wanted[place], ignore))
        assert np.abs(pixels(made[place]) - alone).max() <= MOST


def test_when_all_have_left_nothing_is_painted_on(painter: Painter) -> None:
    seen: list[int] = []
    made = painter.paint_each(orders(50)[:2], [watched(seen, leaves_at=1), watched(seen, leaves_at=3)])
    assert all(isinstance(item, Cancelled) for item in made) and max(seen) == 3


def test_a_prompt_that_is_refused_refuses_nobody_else(painter: Painter) -> None:
    wanted = orders()[:2]
    made = painter.paint_each([wanted[0], replace(wanted[1], prompt=" ")], [ignore, ignore])
    assert isinstance(made[1], UserError) and made[1].code == "prompt_says_nothing"
    assert (pixels(made[0]) == pixels(painter.paint(wanted[0], ignore))).all()


def test_previews_are_small_pictures_each_of_its_own_work(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diffusion, "PATIENCE", 0.0)  # however slow this machine is today
    shown: list[list[bytes]] = [[], []]

    def keep(into: list[bytes]) -> Callable[[int, bytes | None], None]:
        return lambda done, preview: into.append(preview) if preview else None

    painter.paint_each(orders(16, width=256, height=128)[:2], [keep(shown[0]), keep(shown[1])])
    assert len(shown[0]) == len(shown[1]) == 7
    assert not set(shown[0]) & set(shown[1])
    for content in shown[0]:
        assert max(Image.open(BytesIO(content)).size) <= 64


class TestWithoutMemory:
    def test_what_is_too_much_at_once_is_painted_in_halves(
        self, painter: Painter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes = self.bounded(painter, monkeypatch, most=1)
        made = painter.paint_each(orders(), [ignore] * 4)
        assert sizes == [4, 2, 1, 1, 1, 1] and all(isinstance(item, Image.Image) for item in made)
        painter.paint_each(orders(), [ignore] * 4)
        assert sizes[6:] == [1, 1, 1, 1], "what had no room is not tried again"

    def test_what_fails_together_is_tried_apart(
        self, painter: Painter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        going = painter._go

        def fragile(given: Sequence[Order], on_steps: Sequence[object]) -> object:
            if any(order.prompt == PROMPTS[2] for order in given):
                raise RuntimeError("a prompt that this model trips over")
            return going(given, on_steps)  # type: ignore[arg-type]  # as it was called

        monkeypatch.setattr(painter, "_go", fragile)
        made = painter.paint_each(orders(), [ignore] * 4)
        assert [isinstance(item, Image.Image) for item in made] == [True, True, False, True]

    def test_no_more_begin_together_than_have_room(
        self, painter: Painter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes = self.bounded(painter, monkeypatch, most=4)
        monkeypatch.setattr("runtime.packs.image.room.free_memory", lambda device: 0)
        painter.paint_each(orders(), [ignore] * 4)
        assert sizes == [1, 1, 1, 1]

    def bounded(self, painter: Painter, monkeypatch: pytest.MonkeyPatch, most: int) -> list[int]:
        """Calls by how many pictures they were for; more than `most` find no memory."""
        sizes: list[int] = []
        going = painter._go
        monkeypatch.setattr(painter._room, "_most", {})

        def bounded(given: Sequence[Order], on_steps: Sequence[object]) -> object:
            sizes.append(len(given))
            if len(given) > most:
                raise MemoryError
            return going(given, on_steps)  # type: ignore[arg-type]  # as it was called

        monkeypatch.setattr(painter, "_go", bounded)
        return sizes
