"""Quantise: makes the weights of a loaded pipeline smaller, eight bits each or four, by torchao.

What is computed stays in the pipeline's own precision: a weight becomes a number of it again when its layer is used. So every device
can do it, and nothing is gained but memory.
"""

from collections.abc import Iterator
from typing import Any

from runtime.models.precision import precision

# The parts that remove noise: most of a model, asked again at each step, so that one step mends what the last has rounded. What
# reads the words or decodes the picture does its work once, and of the starter leaves nothing when it is rounded (decision 052).
DENOISERS = ("unet", "transformer")
BITS = {"int8": 8, "int4": 4}
# Of weights in four bits: so many share a scale, and so many scales share one of theirs.
BLOCK, SCALES = 64, 32


def quantise(pipeline: Any, device: str) -> None:
    """Where the precision is one of small weights, make its large layers small: in place, on the device where it will work.

    With eight bits layers that multiply and those that convolve; with four those that multiply, and the others in eight.
    Embeddings, norms and biases stay, as do all parts but the denoiser. Raises what `precision` raises.
    """
    bits = BITS.get(precision(device))
    if bits is None:
        return
    import torch
    from torchao.quantization import IntxWeightOnlyConfig, quantize_

    for name, part in pipeline.components.items():
        if not name.startswith(DENOISERS) or not isinstance(part, torch.nn.Module):
            continue
        part.to(device)
        if bits == 4:
            _in_four_bits(part)
        # Those that are small already are met again: they are of a class of their own, and stay.
        quantize_(part, IntxWeightOnlyConfig(torch.int8), filter_fn=_is_whole)


def weight(pipeline: Any) -> int:
    """Bytes of everything that it has learned, as it is kept."""
    import torch

    parts = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
    tensors = {id(item): item for part in parts for item in (*part.parameters(), *part.buffers())}
    return sum(held.numel() * held.element_size() for item in tensors.values() for held in _held_by(item))


def _held_by(tensor: Any) -> Iterator[Any]:
    """The plain tensors of which one that is quantised is made."""
    inner = getattr(tensor, "__tensor_flatten__", None)
    if inner is None:
        yield tensor
        return
    for name in inner()[0]:
        yield from _held_by(getattr(tensor, name))


def _in_four_bits(part: Any) -> None:
    """NF4 (as in QLoRA): sixteen values that lie as weights do, by which four bits say which; and a scale a block."""
    import torch
    from torchao.quantization import NF4Tensor

    for module in part.modules():
        if (
            _is_whole(module)
            and isinstance(module, torch.nn.Linear)
            and not module.weight.numel() % (BLOCK * SCALES)
        ):
            small = NF4Tensor.from_tensor(module.weight.detach(), BLOCK, SCALES)
            module.weight = torch.nn.Parameter(small, requires_grad=False)


def _is_whole(module: Any, name: str = "") -> bool:
    """Whether it multiplies or convolves, by weights that nothing has made smaller."""
    import torch

    large = isinstance(module, (torch.nn.Linear, torch.nn.Conv2d))
    return (
        large
        and type(module.weight) is torch.nn.Parameter
        and not hasattr(module.weight, "__tensor_flatten__")
    )
