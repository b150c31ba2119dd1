"""Pipelines of the shapes of Stable Diffusion 1.5 and SDXL with random weights, made from their configurations."""

from types import SimpleNamespace
from typing import Any, ClassVar

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

LENGTH = 77  # tokens
WORDS = 49_408  # in CLIP's vocabulary


class Reader:
    """Stands in for a tokenizer: one token for each letter. What is read has no part in how long painting takes."""

    model_max_length = LENGTH
    bos_token_id, eos_token_id = WORDS - 2, WORDS - 1
    added_tokens_encoder: ClassVar[dict[str, int]] = {}

    def __call__(self, texts: str | list[str], **options: Any) -> Any:
        if "return_tensors" not in options:
            assert isinstance(texts, str)
            return SimpleNamespace(input_ids=self._ids(texts))
        texts = [texts] if isinstance(texts, str) else texts
        padded = [(self._ids(text) + [self.eos_token_id] * LENGTH)[:LENGTH] for text in texts]
        return SimpleNamespace(
            input_ids=torch.tensor(padded), attention_mask=torch.ones(len(padded), LENGTH, dtype=torch.long)
        )

    def _ids(self, text: str) -> list[int]:
        return [self.bos_token_id, *(ord(letter) % 40_000 for letter in text), self.eos_token_id]

    def tokenize(self, text: str) -> list[str]:
        return list(text)

    def batch_decode(self, ids: Any) -> list[str]:
        return [""] * len(ids)


def random_pipeline(shape: str, dtype: torch.dtype) -> Any:
    """A pipeline on the processor: `tiny`, `sd15` or `sdxl`. Raises KeyError for another shape."""
    torch.manual_seed(0)
    make = {"tiny": _tiny, "sd15": _sd15, "sdxl": _sdxl}[shape]
    with torch.device(
        "cuda" if torch.cuda.is_available() else "cpu"
    ):  # made where it will work: billions of numbers
        return make(dtype)


def _tiny(dtype: torch.dtype) -> Any:
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=64,
        attention_head_dim=8,
        norm_num_groups=8,
    )
    return _stable_diffusion(unet, _text(64, 2, 4, 128), (32, 32, 32, 32), dtype)


def _sd15(dtype: torch.dtype) -> Any:
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
    return _stable_diffusion(unet, _text(768, 12, 12, 3_072), (128, 256, 512, 512), dtype)


def _stable_diffusion(unet: Any, text: CLIPTextConfig, widths: tuple[int, ...], dtype: torch.dtype) -> Any:
    return StableDiffusionPipeline(
        vae=_vae(widths, 0.18215).to(dtype),
        text_encoder=CLIPTextModel(text).to(dtype),
        tokenizer=_reader(),
        unet=unet.to(dtype),
        scheduler=PNDMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            skip_prk_steps=True,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _sdxl(dtype: torch.dtype) -> Any:
    unet = UNet2DConditionModel(
        sample_size=128,
        block_out_channels=(320, 640, 1_280),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        cross_attention_dim=2_048,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2_816,
    )
    return StableDiffusionXLPipeline(
        # In full precision, as the published model has to be decoded.
        vae=_vae((128, 256, 512, 512), 0.13025, force_upcast=True).to(dtype),
        text_encoder=CLIPTextModel(_text(768, 12, 12, 3_072)).to(dtype),
        text_encoder_2=CLIPTextModelWithProjection(_text(1_280, 32, 20, 5_120)).to(dtype),
        tokenizer=_reader(),
        tokenizer_2=_reader(),
        unet=unet.to(dtype),
        scheduler=_euler(),
        add_watermarker=False,
    )


def _euler() -> EulerDiscreteScheduler:
    with torch.device("cpu"):  # it works out its steps with numpy
        return EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


def _reader() -> Any:
    return Reader()


def _vae(widths: tuple[int, ...], scaling: float, force_upcast: bool = False) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        layers_per_block=2,
        latent_channels=4,
        scaling_factor=scaling,
        force_upcast=force_upcast,
    )


def _text(width: int, layers: int, heads: int, inner: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=WORDS,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=LENGTH,
        projection_dim=width,
        bos_token_id=WORDS - 2,
        eos_token_id=WORDS - 1,
    )
