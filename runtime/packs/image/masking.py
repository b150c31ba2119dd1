"""Painting inside a mask with pipelines that know none: what is outside is put back after every step.

diffusers' own inpainting asks for latents of four channels; models with other latents get the same by image-to-image.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

OWN_MASKS = (
    4,
    9,
)  # channels into the denoiser that diffusers' inpainting takes: latents, or with mask and picture beside


def knows_masks(pipeline: Any) -> bool:
    """Whether diffusers' inpainting takes this model."""
    unet = getattr(pipeline, "unet", None)
    return unet is None or unet.config.in_channels in OWN_MASKS


@dataclass(frozen=True, slots=True)
class Kept:
    """What the mask keeps, as latents, and the noise that belongs to it."""

    latents: "Tensor"
    noise: "Tensor"
    painted: "Tensor"  # of the mask, 1 where the picture is painted anew

    @classmethod
    def of(cls, pipeline: Any, picture: "Image", mask: "Image", seed: int) -> Self:
        import torch
        from torch.nn import functional

        vae = pipeline.vae
        pixels = pipeline.image_processor.preprocess(picture).to(vae.device, vae.dtype)
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        latents = (vae.encode(pixels).latent_dist.mode() - shift) * vae.config.scaling_factor
        levels = torch.frombuffer(bytearray(mask.convert("L").tobytes()), dtype=torch.uint8)
        whole = levels.view(1, 1, mask.height, mask.width).to(latents) / 255
        # A latent stands for a whole block: it is painted where any of its pixels is.
        painted = functional.adaptive_max_pool2d(whole, latents.shape[-2:]).round()
        # Not the seed of what is painted: the two must have nothing to do with each other.
        noise = torch.randn(latents.shape, generator=torch.Generator("cpu").manual_seed(seed ^ 0x5EED))
        return cls(latents, noise.to(latents), painted)

    def put_back(self, pipeline: Any, latents: "Tensor", timestep: Any) -> "Tensor":
        """The latents behind the step at `timestep`, with what is kept as noisy as they are."""
        scheduler = pipeline.scheduler
        later = scheduler.timesteps[scheduler.timesteps < timestep]
        kept = self.latents
        if len(later):
            kept = scheduler.add_noise(kept, self.noise, later[:1])
        return self.painted * latents + (1 - self.painted) * kept
