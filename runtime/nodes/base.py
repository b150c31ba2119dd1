"""NodeType: a NodeSpec and the function that runs it, joined by the `node_type` decorator."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from runtime.nodes.context import Models
from runtime.nodes.spec import NodeSpec
from runtime.values import Data

# By port. All texts and data of a step together are at most 16 MB (`runtime/engine/outputs.py`); more is for a file.
Outputs: TypeAlias = Mapping[str, Data]
# Called as run(context, **inputs, **params): each node type spells its own names and types,
# which no single signature can say; the shared contract test holds them to the spec.
Run: TypeAlias = Callable[..., Outputs]
# Loads beforehand what `run` would load with these models, by the name of the setting that says which. It yields
# between two loads: whoever waits for the worker meanwhile waits for the one in hand.
Ready: TypeAlias = Callable[[Models, Mapping[str, str]], Iterator[None]]


@dataclass(frozen=True, slots=True)
class NodeType:
    """A kind of node that can run. `run` imports heavy libraries inside, so that declaring stays light.

    Ports that a router leaves out of its outputs are pruned: what hangs on them does not run.
    """

    spec: NodeSpec
    run: Run
    ready: Ready | None = None


def node_type(spec: NodeSpec, ready: Ready | None = None) -> Callable[[Callable[..., Any]], NodeType]:
    """Declare the decorated function as the body of `spec`."""

    def declare(run: Run) -> NodeType:
        return NodeType(spec, run, ready)

    return declare
