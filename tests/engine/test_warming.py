"""What is loaded beforehand, step by step; and what a run tells when it has to load."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from runtime.dispatch.needs import ModelUse, Needs
from runtime.engine.inspection import NoProviders
from runtime.engine.warming import Spare, warm
from runtime.errors import OperationalError
from runtime.events import EventKind
from runtime.models.manager import Beforehand, ModelManager
from runtime.models.shelf import Shelf
from runtime.safety.filters import Filter, FilterServices, with_a_word
from tests.engine.segments import FILTERS, REGISTRY, Bench
from tests.fixtures.runs import chain
from tests.models.stubs import put_model


@pytest.fixture
def shelf(bench: Bench) -> Shelf:
    for name in ("one", "two"):
        put_model(bench.folder / "models", name)
    return Shelf(bench.folder / "models", {})


def quotes(*models: str) -> tuple[ModelUse, ...]:
    return tuple(ModelUse("stub.quote", 1, (("model", model),)) for model in models)


def readies(ready: Callable[[FilterServices], None], name: str = "stub.words", **changes: object) -> Filter:
    made = FILTERS[name]
    return replace(made, ready=ready, spec=replace(made.spec, **changes))  # type: ignore[arg-type]  # fields of a spec


@pytest.fixture
def warmed(bench: Bench, shelf: Shelf) -> Callable[..., tuple[str, ...]]:
    def load(needs: Needs, *filters: Filter) -> tuple[str, ...]:
        manager = ModelManager(shelf)
        spare = Spare(bench.services().assets, Beforehand(manager), NoProviders())
        for _ in warm(needs, REGISTRY, {item.spec.id: item for item in filters}, spare):
            pass
        return manager.holds()

    return load


def test_the_models_of_nodes_are_loaded(warmed: Callable[..., tuple[str, ...]]) -> None:
    assert warmed(Needs((), quotes("one", "two"))) == ("one", "two")


def test_what_is_unknown_is_passed_over_and_the_rest_is_loaded(
    warmed: Callable[..., tuple[str, ...]],
) -> None:
    unknown = (ModelUse("stub.nothing", 1, (("model", "one"),)), ModelUse("stub.quote", 1, ()))
    nodes = (*unknown, *quotes("../one", "three", "provider:model"), *quotes("two"))
    assert warmed(Needs(("stub.nothing",), nodes)) == ("two",)


def test_filters_are_made_ready_with_those_that_they_use_and_one_that_fails_stops_no_other(
    warmed: Callable[..., tuple[str, ...]],
) -> None:
    done: list[str] = []

    def fail(services: FilterServices) -> None:
        done.append("fails")
        raise RuntimeError

    warmed(
        Needs(("stub.red", "stub.words")),
        readies(fail, "stub.red", uses=("stub.secrets",)),
        readies(lambda services: done.append("words")),
        readies(lambda services: done.append("used"), "stub.secrets"),
    )
    assert done == ["fails", "words", "used"]


def test_no_provider_can_be_asked_beforehand(warmed: Callable[..., tuple[str, ...]]) -> None:
    said: list[str] = []

    def asks(services: FilterServices) -> None:
        try:
            services.providers.access("any", "model")
        except OperationalError as refused:
            said.append(refused.code)

    warmed(Needs(("stub.words",)), readies(asks))
    assert said == ["provider_missing"]


def test_a_filter_of_texts_is_shown_a_word_of_ours() -> None:
    seen: list[object] = []

    def check(data: object, services: FilterServices) -> Iterable[object]:
        seen.append(data)
        yield from ()

    with_a_word(check)(None)  # type: ignore[arg-type]  # it asks for nothing
    assert seen == ["ready"]


def test_a_step_tells_when_it_has_to_load_its_model_and_says_nothing_when_it_has_not(
    bench: Bench, shelf: Shelf
) -> None:
    told = bench.run(chain(("a", "quote", {}), ("b", "quote", {})), text="hello")
    notes = [event.data for event in told.live_events if event.kind is EventKind.STEP_PROGRESS]
    assert told.results["answer"].data == "one: one: hello"
    assert [(note["step"], note["note"]) for note in notes] == [
        ("a", {"en": "Loading the model one", "zh": "正在加载模型 one"})
    ]
