"""Chat: what is asked of a chat model and what it answers, whether it is loaded here or a provider's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from runtime.nodes.context import Models, Providers
from runtime.providers import split_ref
from runtime.values import Json


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt and how to answer it.

    A provider is told neither `grammar` (GBNF), which binds a model that is loaded here, nor `cached`: what the question
    before began alike is not read again, which saves seconds and may round in another way.
    """

    prompt: str
    system: str
    max_tokens: int
    temperature: float
    stop: tuple[str, ...]
    seed: int
    grammar: str = ""
    cached: bool = False

    @property
    def messages(self) -> list[Json]:
        instructions = [{"role": "system", "content": self.system}] if self.system else []
        return [*instructions, {"role": "user", "content": self.prompt}]


@dataclass(frozen=True, slots=True)
class Figures:
    """What an answer took. `finished`: the model ended it, and no limit did."""

    tokens: int
    prompt_tokens: int
    tokens_per_second: float
    finished: bool


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    figures: Figures


class Chat(Protocol):
    """A chat model."""

    def answer(self, question: Question, on_token: Callable[[str], None]) -> Figures:
        """Answer piece by piece; what `on_token` raises ends the answer and is raised here."""
        ...

    def say(self, question: Question) -> Answer:
        """The whole answer at once."""
        ...


class ChatServices(Protocol):
    @property
    def models(self) -> Models: ...

    @property
    def providers(self) -> Providers: ...


@contextmanager
def open_chat(services: ChatServices, ref: str, *, in_workflow: bool = False) -> Iterator[Chat]:
    """The chat model `ref`: of the catalogue, or `PROVIDER:MODEL`. Raises OperationalError when it is not here.

    `in_workflow`: for a node. A provider may be open to filters alone, and be at hand because one stands beside.
    """
    named = split_ref(ref)
    if named is None:
        from runtime.models import llama

        with services.models.use(ref, llama.load, "text") as chat:
            yield chat
    else:
        from runtime.models.providers import faults
        from runtime.models.providers.remote import RemoteChat

        access = services.providers.access(*named)
        if in_workflow and not access.provider.workflows:
            raise faults.missing(named[0])
        yield RemoteChat(access, named[1])
