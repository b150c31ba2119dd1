"""Checkpoints: a training run's whole state as one safetensors file, which is data and nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer


def write(path: Path, tensors: Mapping[str, Tensor], notes: Mapping[str, str]) -> None:
    """Written beside the old file and then in its place: a stop half-way loses nothing."""
    fresh = path.with_suffix(".new")
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, fresh, dict(notes))
    fresh.replace(path)


def read(path: Path, device: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors on `device`, and the notes."""
    with safe_open(path, framework="pt", device=device) as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118 - no iterator


def named(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": tensor for name, tensor in state.items()}


def below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What `named` put under the prefix."""
    start = f"{prefix}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def of_optimizer(optimizer: Optimizer) -> dict[str, Tensor]:
    """The moments of each parameter, by its number."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{name}": tensor for index, moments in state.items() for name, tensor in moments.items()}


def into_optimizer(optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """The rates are the schedule's business, so the groups stay as they are."""
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in tensors.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def of_module(module: nn.Module) -> dict[str, Tensor]:
    # Copies: safetensors keeps no two names for one memory, and modules may share weights.
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}
